package dev.engram.distillation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.LossView;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.sleep.SettlingGuard;
import dev.engram.api.spi.Role;
import dev.engram.kit.loss.JoinedTerm;
import dev.engram.kit.teacher.Teacher;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds the model to a teacher on the batches that it trains on: adds {@code λ n D(teacher, model)}
 * to their loss, {@code D} the distance of answers or features and {@code n} the number of tasks
 * learnt before (1 where it does not grow). Keeps the teacher's weights, and no sample.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Distillation implements SettlingGuard {

    private static final Logger LOG = LoggerFactory.getLogger(Distillation.class);
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

    private Distillation(Builder builder) {
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
    public static Builder builder() {
        return new Builder();
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
        return isByTask();
    }

    private boolean isByTask() {
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

    private void takeAll(TrainingView training) {
        if (isByTask()) {
            LOG.warn(
                    "{} cannot tell the classes of a base without data: from now on the"
                            + " probabilities that it holds are among all outputs, as with heads ="
                            + " shared. For those of each task among its own classes, call"
                            + " remember(model, dataset) with data of the base.",
                    name);
            classes.addAll();
        }
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
        if (isByTask()) {
            classes.add(task);
        }
        take(task);
        learnt++;
    }

    private void take(TrainingView training) {
        if (hasOther) {
            return;
        }
        if (state == TeacherState.LAST_TASK || !teacher.isThere()) {
            teacher.take(training.model(), training.manager());
        } else if (state == TeacherState.EMA) {
            teacher.grow(training.model(), training.manager());
        }
    }

    /** The teacher of the last task knows what the weights know now; a base's stays the base's. */
    @Override
    public void onSettled(TrainingView now, List<FinishedTask> tasks) {
        if (state != TeacherState.BASE && teacher.isThere()) {
            teacher.take(now.model(), now.manager());
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

    /** Builds a {@link Distillation}. */
    public static final class Builder {

        private String name = "lwf";
        private double lambda = 1;
        private boolean grows = true;
        private double temperature = 2;
        private double ema = 0.999;
        private Heads heads = Heads.BY_TASK;
        private TeacherState teacher = TeacherState.LAST_TASK;
        private Distilled distilled = Distilled.ANSWERS;
        private @Nullable UnaryOperator<NDList> other;

        Builder() {}

        /** Sets the name under which the memory keeps it; {@code lwf} unless set. */
        public Builder optName(String name) {
            this.name = name;
            return this;
        }

        /** Sets the strength, 0 or more; 1 unless set. */
        public Builder optLambda(double lambda) {
            this.lambda = lambda;
            return this;
        }

        /**
         * Sets whether the strength is taken times the number of earlier tasks; it is unless set.
         */
        public Builder optGrowth(boolean grows) {
            this.grows = grows;
            return this;
        }

        /** Sets what outputs are divided by before they become probabilities; 2 unless set. */
        public Builder optTemperature(double temperature) {
            this.temperature = temperature;
            return this;
        }

        /** Sets among which outputs answers are probabilities; {@link Heads#BY_TASK} unless set. */
        public Builder optHeads(Heads heads) {
            this.heads = heads;
            return this;
        }

        /** Sets what of the teacher is held; {@link Distilled#ANSWERS} unless set. */
        public Builder optDistilled(Distilled distilled) {
            this.distilled = distilled;
            return this;
        }

        /** Sets which state of the model teaches; {@link TeacherState#LAST_TASK} unless set. */
        public Builder optTeacher(TeacherState teacher) {
            this.teacher = teacher;
            return this;
        }

        /**
         * Sets a teacher that is no state of the model, such as {@code extractor::extract} of an
         * {@code OnnxFeatureExtractor}: it is given a batch of the model's inputs, and what it
         * returns goes to their manager. It teaches from the first task on.
         */
        public Builder optTeacher(UnaryOperator<NDList> teacher) {
            this.other = teacher;
            return this;
        }

        /** Sets the decay of {@link TeacherState#EMA} a step; 0.999 unless set. */
        public Builder optEma(double ema) {
            this.ema = ema;
            return this;
        }

        /**
         * Builds it.
         *
         * @throws InvalidOptionException if a value is out of its bounds
         */
        public Distillation build() {
            if (!(lambda >= 0 && temperature > 0 && ema >= 0 && ema < 1)) {
                throw new InvalidOptionException(
                        "lambda = %s: give 0 or more; temperature = %s: more than 0; ema = %s: 0 to 1"
                                .formatted(lambda, temperature, ema));
            }
            return new Distillation(this);
        }
    }
}
