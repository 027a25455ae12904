package dev.engram.distillation;

import ai.djl.ndarray.NDArray;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.LossView;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.spi.Role;
import dev.engram.kit.loss.JoinedTerm;
import dev.engram.kit.teacher.Teacher;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds the model to a teacher on the batches that it trains on: adds {@code λ n D(teacher, model)}
 * to their loss, {@code D} the distance of answers or features and {@code n} the number of tasks
 * learnt before (1 where it does not grow). Keeps the teacher's weights, and no sample.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Distillation implements ForgettingGuard {

    private static final String LEARNT = "learnt";
    private static final String CLASSES = "classes";

    private final String name;
    private final double lambda;
    private final boolean grows;
    private final Heads heads;
    private final TeacherState state;
    private final double ema;
    private final boolean hasOther;
    private final Teacher teacher = new Teacher("teacher");
    private final ClassGroups classes = new ClassGroups();
    private final TeacherTerm term;
    private final JoinedTerm joined;
    private int learnt;
    private @Nullable GuardEffect effect;

    Distillation(DistillationBuilder builder) {
        this.name = builder.name;
        this.lambda = builder.lambda;
        this.grows = builder.grows;
        this.heads = builder.heads;
        this.state = builder.teacher;
        this.ema = builder.ema;
        this.hasOther = builder.other != null;
        this.term = new TeacherTerm(teacher, builder.other, builder.distilled, builder.temperature);
        this.joined = new JoinedTerm(term);
    }

    /** Returns a builder. */
    public static DistillationBuilder builder() {
        return new DistillationBuilder();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<String> roles() {
        return Set.of(Role.DISTILLATION);
    }

    /** The classes of a task are told by its labels. */
    @Override
    public boolean needsSamples() {
        return heads == Heads.BY_TASK && !term.isAboutFeatures();
    }

    @Override
    public boolean protectsBase() {
        return true;
    }

    @Override
    public void onBase(FinishedTask base) {
        takeAll(base);
    }

    @Override
    public void onAnchor(TrainingView training) {
        takeAll(training);
    }

    /** Nothing is known of its classes. */
    private void takeAll(TrainingView training) {
        classes.addAll();
        take(training);
        learnt++;
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        joined.forget();
        effect = null;
        if (state == TeacherState.BASE && !teacher.isThere()) {
            takeAll(training);
        }
        term.weigh(
                lambda * (grows ? Math.max(1, learnt) : 1),
                outputs ->
                        heads == Heads.SHARED
                                ? List.of()
                                : classes.masks(outputs, training.manager()));
    }

    private boolean teaches() {
        return hasOther || teacher.isThere();
    }

    @Override
    public boolean addsToLoss() {
        return !term.isAboutFeatures();
    }

    @Override
    public Optional<NDArray> onLoss(LossView batch) {
        return teaches() ? joined.join(batch) : Optional.empty();
    }

    @Override
    public void onBackward(StepView step) {
        if (!teaches()) {
            return;
        }
        if (step.trainer().getDevices().length > 1) {
            throw new EngramException(
                    "%s works on one device, but the trainer has %s: train on one"
                            .formatted(name, step.trainer().getDevices().length));
        }
        joined.complete(step);
    }

    @Override
    public void onStep(TrainingView training) {
        if (state == TeacherState.EMA && teacher.isThere()) {
            teacher.follow(training, ema);
        }
    }

    @Override
    public void onEpoch(TrainingView training) {
        effect = joined.read().orElse(effect);
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        if (needsSamples()) {
            classes.add(task);
        }
        take(task);
        learnt++;
    }

    private void take(TrainingView training) {
        boolean stays = state != TeacherState.LAST_TASK && teacher.isThere();
        if (!hasOther && !stays) {
            teacher.take(training.model(), training.manager());
        }
    }

    @Override
    public Optional<GuardEffect> effect() {
        return Optional.ofNullable(effect);
    }

    @Override
    public void save(MemoryWriter memory) {
        memory.text(LEARNT, String.valueOf(learnt));
        memory.text(CLASSES, classes.text());
        teacher.save(memory);
    }

    @Override
    public void restore(MemoryReader memory) {
        learnt = memory.text(LEARNT).map(Integer::parseInt).orElse(0);
        memory.text(CLASSES).ifPresent(classes::read);
        teacher.restore(memory);
    }
}
