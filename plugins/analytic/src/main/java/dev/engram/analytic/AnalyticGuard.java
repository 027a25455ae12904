package dev.engram.analytic;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Dataset;
import ai.djl.translate.TranslateException;
import dev.engram.analytic.internal.closedform.HeadMethod;
import dev.engram.analytic.internal.model.BaseDigest;
import dev.engram.analytic.internal.model.FrozenModel;
import dev.engram.analytic.internal.model.HeadParameters;
import dev.engram.analytic.internal.model.ModelSplit;
import dev.engram.analytic.internal.model.SeenFeatures;
import dev.engram.analytic.internal.sums.HeadStatistics;
import dev.engram.analytic.internal.sums.Precision;
import dev.engram.analytic.internal.sums.RowBuffer;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.SampleBatch;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.spi.Role;
import java.io.IOException;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Solves a model's last layer at the end of each task, over a base that stays as it is.
 *
 * <p>While a trainer lives, the base is frozen and runs in evaluation mode; what it gives the last
 * layer is summed. The user's optimizer trains the last layer meanwhile, for nobody: at the task's
 * end the solved one takes its place.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class AnalyticGuard implements ForgettingGuard {

    private static final int SAMPLES_A_PASS = 256;
    private static final float NUDGE = 1e-4f;

    private final HeadMethod method;
    private final int epochs;
    private final Precision precision;
    private final SeenFeatures seen = new SeenFeatures();
    private final HeadMemory memory;
    private @Nullable FrozenModel model;
    private @Nullable RowBuffer task;
    private @Nullable HeadStatistics added;
    private int epoch;

    AnalyticGuard(HeadMethod method, int epochs, Precision precision) {
        this.method = method;
        this.epochs = epochs;
        this.precision = precision;
        this.memory = new HeadMemory(method);
    }

    /**
     * Returns a guard.
     *
     * @param head which closed form, with its options; random features belong into the model, see
     *     {@link RandomFeatures}
     */
    public static AnalyticGuard of(AnalyticHead.Builder head) {
        return new AnalyticGuard(head.methodOfModel(), 1, Precision.DOUBLE);
    }

    @Override
    public String name() {
        return method.name();
    }

    @Override
    public Set<String> roles() {
        return Set.of(Role.SOLVED_HEAD);
    }

    @Override
    public boolean needsSamples() {
        return false;
    }

    @Override
    public void onTrainerBegin(Trainer trainer) {
        model = FrozenModel.install(trainer, method, seen);
    }

    @Override
    public void onTrainerEnd(Trainer trainer) {
        seen.clear();
        if (model != null) {
            model.takeOff();
            model = null;
        }
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        epoch = 0;
        memory.beginOver(frozen().split());
        begin(frozen().split().features(), frozen().split().outputs(), training.manager());
        nudge(training);
    }

    /**
     * Before its first step DJL's trainer refuses gradients whose sum is zero, and that of
     * cross-entropy over a linear layer alone is: to the last bit where outputs are far apart.
     */
    private static void nudge(TrainingView training) {
        for (LiveParameter parameter : training.parameters()) {
            try (NDArray gradient = parameter.gradient()) {
                gradient.addi(NUDGE);
            }
        }
    }

    private RowBuffer begin(int width, int outputs, NDManager manager) {
        HeadStatistics none = HeadStatistics.none(width, method.needsProducts(), manager);
        RowBuffer begun = new RowBuffer(none, outputs, precision, manager);
        task = begun;
        return begun;
    }

    @Override
    public void onParametersChanged(TrainingView training) {
        frozen().requireOnlyHeadTrains(training.parameters());
    }

    @Override
    public void onGradient(StepView step) {
        if (task == null || epoch >= epochs) {
            seen.clear();
            return;
        }
        seen.feed(step, frozen(), task);
    }

    @Override
    public void onEpoch(TrainingView training) {
        epoch++;
    }

    @Override
    public void prepareTaskEnd(FinishedTask finished) {
        RowBuffer rows = task == null ? ofSamples(finished) : task;
        rows.flush();
        if (rows.sums().samples() == 0) {
            throw new EngramException(
                    "%s saw no sample of task \"%s\"".formatted(name(), finished.task().name()));
        }
        if (model != null) {
            memory.requireBase(model.split());
        }
        memory.add(rows.sums(), finished.manager());
        added = rows.sums();
        memory.solve(head(finished).hasBias());
    }

    /** A base of which the user gave samples, without a training. */
    private RowBuffer ofSamples(FinishedTask finished) {
        HeadParameters head = head(finished);
        method.requireSuits(head.hasBias());
        Collection<NDArray> base = HeadParameters.baseOf(finished, name());
        memory.beginOver(BaseDigest.ofValues(base), head.features());
        RowBuffer rows = begin(head.features(), head.outputs(), finished.manager());
        for (SampleBatch batch : finished.samples(SAMPLES_A_PASS)) {
            if (batch.labels().isEmpty()) {
                throw new EngramException(
                        name() + " solves its head from labels, and these samples have none");
            }
            rows.add(features(finished, batch, head), batch.labels().head());
        }
        return rows;
    }

    /** A model of one layer shows no layers; what it sees is what it is given. */
    private static NDArray features(FinishedTask finished, SampleBatch batch, HeadParameters head) {
        NDArray seen = finished.features(batch.data());
        NDArray given = batch.data().head();
        return head.takes(seen) || !head.takes(given) ? seen : given;
    }

    @Override
    public void onTaskEnd(FinishedTask finished) {
        memory.writeInto(head(finished));
        dropTask();
    }

    /** The loop's optimizer has moved the head meanwhile: earlier tasks get theirs back. */
    @Override
    public void onTaskAborted(TrainingView training) {
        if (added != null) {
            memory.subtract(added);
        }
        dropTask();
        if (memory.hasLearnt()) {
            memory.writeInto(head(training));
        }
    }

    private HeadParameters head(TrainingView training) {
        return model == null
                ? HeadParameters.last(training.parameters(), name())
                : HeadParameters.of(training.parameters(), model.split());
    }

    private void dropTask() {
        added = null;
        if (task != null) {
            task.close();
            task.sums().close();
            task = null;
        }
    }

    /**
     * Takes samples out of all that was learnt, and writes the head that never saw them into the
     * model.
     *
     * <p>To write the memory directory anew, too, call the listener's {@code erase} with the name
     * of whom they are about afterwards.
     *
     * @param from the model that learnt them, between two trainings
     * @param samples exactly those that were learnt, with their labels
     * @return how many were taken out
     * @throws EngramException if they were never learnt, the base is another one, a trainer trains,
     *     or the head cannot be solved without them; nothing has changed then
     */
    public long unlearn(Model from, Dataset samples) throws IOException, TranslateException {
        if (model != null) {
            throw new EngramException("Close the trainer first: its task is not learnt yet");
        }
        return memory.unlearn(from, ModelSplit.of(from.getBlock(), name()), samples);
    }

    /** All that the loop moves is held, or is overwritten at the task's end. */
    @Override
    public Optional<GuardEffect> effect() {
        return memory.hasLearnt() ? Optional.of(GuardEffect.of(0, 1)) : Optional.empty();
    }

    @Override
    public void save(MemoryWriter writer) {
        memory.save(writer);
    }

    @Override
    public void restore(MemoryReader reader) {
        memory.restore(reader);
    }

    @Override
    public void close() {
        dropTask();
    }

    private FrozenModel frozen() {
        if (model == null) {
            throw new IllegalStateException("no trainer");
        }
        return model;
    }
}
