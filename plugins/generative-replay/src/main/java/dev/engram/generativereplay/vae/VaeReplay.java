package dev.engram.generativereplay.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import dev.engram.generativereplay.internal.mixture.Choice;
import dev.engram.generativereplay.internal.mixture.Drawn;
import dev.engram.generativereplay.internal.samples.ClassOfTask;
import dev.engram.generativereplay.internal.samples.Form;
import dev.engram.generativereplay.internal.samples.GenerativeSource;
import dev.engram.generativereplay.internal.samples.Learnable;
import dev.engram.generativereplay.internal.samples.MadeSamples;
import dev.engram.generativereplay.internal.samples.Seeds;
import dev.engram.generativereplay.internal.samples.TaskRows;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Draws samples of earlier tasks from a variational autoencoder that knows classes, and that is
 * trained when a task ends: on the task's samples, and on what it made of earlier codes.
 *
 * <p>Kept are the decoder, the mean of each class, and a mixture of the codes of each class. The
 * codes of earlier classes stay as they are; while a task is learnt the decoder is held to what it
 * made of them.
 *
 * <p>It is trained on the sample of the task that the listener keeps while it trains ({@code
 * optSampleCapacity}) and drops then; no sample is kept after that, and none is written down. So
 * {@link #erase} has nothing to erase, and answers 0; what the decoder learnt of a person's samples
 * nobody can take back.
 *
 * <p>One input of amounts and one label a sample, of few labels in all, and inputs of one shape.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class VaeReplay extends GenerativeSource {

    private static final Logger LOG = LoggerFactory.getLogger(VaeReplay.class);

    private final Learning learning;
    private final int least;
    private @Nullable Generator generator;
    private @Nullable Choice choice;

    VaeReplay(VaeReplayBuilder builder) {
        super("vae", builder.seed, builder.questions());
        this.learning = builder.learning();
        this.least = builder.leastSamples;
    }

    /** Returns a builder. */
    public static VaeReplayBuilder builder() {
        return new VaeReplayBuilder();
    }

    /** Returns how many bytes are kept of all tasks together. */
    public long bytes() {
        return generator == null ? 0 : generator.bytes();
    }

    @Override
    protected void require(String task, Form form) {
        learning.shape().decoder(form);
        if (generator != null && !generator.form().equals(form)) {
            throw new EngramException(
                    "A vae makes samples of one form, %s, but task \"%s\" has %s: give all tasks inputs and labels of one shape and type, or take source = mixture"
                            .formatted(generator.form(), task, form));
        }
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        unask();
        String name = task.task().name();
        try (NDManager call = task.scratch().newSubManager()) {
            TaskRows rows = TaskRows.of(task, call);
            List<Learnable> classes = Learnable.of(name, rows, least);
            classes.forEach(one -> require(name, one.form()));
            requireOneForm(name, rows.forms());
            SplittableRandom random = Seeds.of(seed(), classes.get(0).learnt());
            take(learning.of(task, classes, rows, generator, owner(task.manager()), random));
        }
        LOG.info(
                "Generative replay: task {}: {} kept of all tasks, no sample",
                name,
                share(bytes()));
    }

    private static void requireOneForm(String task, List<Form> forms) {
        if (forms.size() > 1) {
            throw new EngramException(
                    "A vae makes samples of one form, but task \"%s\" has %s: give its inputs and labels one shape and type, or take source = mixture"
                            .formatted(task, forms));
        }
    }

    private void take(@Nullable Generator next) {
        Generator before = generator;
        generator = next;
        choice = null;
        if (before != null) {
            before.close();
        }
    }

    @Override
    public Set<String> tasks() {
        return generator == null
                ? Set.of()
                : generator.classes().stream()
                        .map(ClassOfTask::task)
                        .collect(Collectors.toUnmodifiableSet());
    }

    /** Nothing of it is made any more; what the decoder learnt stays in its values. */
    @Override
    public long forget(Task task) {
        Generator known = generator;
        if (known == null) {
            return 0;
        }
        List<ClassOfTask> classes = known.classes();
        List<Integer> kept =
                known.places().stream().filter(i -> !classes.get(i).isOf(task)).toList();
        if (kept.size() < classes.size()) {
            NDManager parent = known.manager().getParentManager();
            take(kept.isEmpty() ? null : known.only(kept, parent));
        }
        return classes.stream().filter(k -> k.isOf(task)).mapToLong(ClassOfTask::samples).sum();
    }

    /** As many as one wants of what is there. */
    @Override
    public long available(Task unwanted) {
        return generator == null || choice(generator, unwanted).isEmpty() ? 0 : Integer.MAX_VALUE;
    }

    @Override
    protected List<ReplayedBatch> make(
            Task unwanted, int size, SplittableRandom random, NDManager owner) {
        Generator from = generator;
        if (from == null || size < 1 || choice(from, unwanted).isEmpty()) {
            return List.of();
        }
        int[] components = choice(from, unwanted).draw(size, random).getOrDefault(0, new int[0]);
        Drawn drawn = new Drawn(from.codes(), components, Generator.SPREAD, random);
        try (NDManager call = from.manager().newSubManager()) {
            NDArray made = from.make(drawn, call);
            return List.of(new MadeSamples(from.form(), drawn.classes()).batch(made, owner));
        }
    }

    private Choice choice(Generator from, Task unwanted) {
        Choice known = choice;
        if (known == null || !known.isFor(unwanted)) {
            known = new Choice(List.of(from.codes()), unwanted);
            choice = known;
        }
        return known;
    }

    @Override
    public void save(MemoryWriter memory) {
        super.save(memory);
        if (generator != null) {
            GeneratorState.save(generator, memory);
        }
    }

    @Override
    public void restore(MemoryReader memory) {
        super.restore(memory);
        if (GeneratorState.isThere(memory)) {
            take(GeneratorState.restored(memory, learning.shape(), owner(memory.manager())));
        }
    }

    @Override
    public void close() {
        generator = null;
        choice = null;
        super.close();
    }
}
