package dev.engram.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Model;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListenerAdapter;
import dev.engram.api.Experimental;
import dev.engram.api.guard.GuardEffect;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.memory.LearntTask;
import dev.engram.tck.internal.HostReads;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@link dev.engram.api.guard.ForgettingGuard} promises, tried through a listener on {@link
 * SmallTasks}.
 */
@Experimental(since = "0.1", implementedBy = "plug-ins")
@ExtendWith(RuleReport.class)
public abstract class GuardContract {

    /** Creates the contract. */
    protected GuardContract() {}

    /**
     * Adds what is tried to a listener: a new guard, or the strategy's id with settings that
     * protect on {@link SmallTasks}.
     */
    protected abstract ForgettingListener.Builder addTo(ForgettingListener.Builder builder);

    /** Returns the name of the guard: the strategy's id, where there is one. */
    protected abstract String name();

    /** Returns whether a task learnt first trains as without the guard, bit for bit; yes here. */
    protected boolean leavesTheFirstTaskAlone() {
        return true;
    }

    /**
     * Returns whether it protects by what the model answers to the new task's inputs, as
     * distillation does, and so only where these look like the earlier task's; no here. The later
     * task is then {@link SmallTasks#PART}.
     */
    protected boolean actsThroughNewInputs() {
        return false;
    }

    /**
     * Returns whether it acts at the steps of a later task, where its effect is measured; yes here.
     * One that acts when a task ends, as averaging does, says no.
     */
    protected boolean actsAtSteps() {
        return true;
    }

    /**
     * Returns whether it protects what a model could do before its first task here, and no task
     * after that, as distillation from the pretrained model does; no here. The first of {@link
     * SmallTasks} is then learnt without it.
     */
    protected boolean protectsWhatWasThere() {
        return false;
    }

    /**
     * Returns whether it holds the last layer, too; yes here. One that holds features alone says
     * no: the last layer is then frozen while a later task trains, with the guard and in the
     * control without it.
     */
    protected boolean holdsTheLastLayer() {
        return true;
    }

    /** Returns whether it keeps samples, which {@code erase} must remove; no here. */
    protected boolean keepsSamples() {
        return false;
    }

    /** Returns whether it works on a TorchScript model; yes here. */
    protected boolean guardsTorchScript() {
        return true;
    }

    /**
     * Returns whether a later process draws other random numbers than this one would have; no here.
     */
    protected boolean drawsAnew() {
        return false;
    }

    /** Returns the guard's types whose per-batch calls are searched for host reads; none here. */
    protected List<Class<?>> perBatchTypes() {
        return List.of();
    }

    @Test
    @DisplayName("G1 MUST: a listener knows it by its name")
    void aListenerKnowsItByItsName() {
        assertThat(name()).as("its name").matches("[a-z0-9-]{1,64}");
        try (ForgettingListener listener = listener()) {
            assertThat(listener.effect(name())).as("its effect before any task").isEmpty();
        }
    }

    @Test
    @DisplayName("G2 MUST: the first task trains as without it, bit for bit")
    void theFirstTaskTrainsAsWithoutIt() {
        assumeTrue(leavesTheFirstTaskAlone(), name() + " acts on the first task already");
        try (Model plain = SmallTasks.model();
                Model guarded = SmallTasks.model();
                ForgettingListener listener = listener()) {
            SmallTasks.fit(plain, 0, 3);
            SmallTasks.fit(guarded, 0, 3, listener);
            Weights.of(guarded)
                    .requireSame(
                            Weights.of(plain),
                            "it changed gradients or weights where nothing is to be protected yet;"
                                    + " if it must, leavesTheFirstTaskAlone() says no");
        }
    }

    @Test
    @DisplayName(
            "G3 MUST: an earlier task stays where the unguarded control forgets it, and a later is"
                    + " learnt")
    void anEarlierTaskStays() {
        try (Model model = SmallTasks.model();
                ForgettingListener listener = listener()) {
            learnFirst(model, listener);
            requireKept(model, listener);
        }
    }

    @Test
    @DisplayName("G4 MUST: its effect is there as soon as there is something to protect")
    void itsEffectIsThere() {
        assumeTrue(actsAtSteps(), name() + " acts when a task ends");
        try (Model model = SmallTasks.model();
                ForgettingListener listener = listener()) {
            learnFirst(model, listener);
            SmallTasks.fit(model, 1, 3, listener);
            GuardEffect effect = listener.effect(name()).orElseThrow();
            assertThat(effect.penalty()).isNotNaN().isGreaterThanOrEqualTo(0);
            assertThat(effect.gradientShare()).isBetween(0.0, 1.0);
            assertThat(effect.updateShare()).isBetween(0.0, 1.0);
            assertThat(effect.penalty() + effect.gradientShare() + effect.updateShare())
                    .as("penalty and shares in gradient and update")
                    .isPositive();
        }
    }

    @Test
    @DisplayName("G5 MUST: a thousand steps leave the number of live arrays unchanged")
    void aThousandStepsLeakNothing() {
        try (Model model = SmallTasks.model();
                ForgettingListener listener = listener()) {
            SmallTasks.fit(model, 0, 2, listener);
            try (Trainer trainer = SmallTasks.trainer(model, listener)) {
                // What is kept of a task may grow until it is full.
                SmallTasks.steps(trainer, 1, 200);
                int before = LiveArrays.count();
                SmallTasks.steps(trainer, 1, 1000);
                LiveArrays.requireStill(
                        before,
                        "1000 steps",
                        "close what each operation makes, or attach it to step.scratch()");
            }
        }
    }

    @Test
    @DisplayName("G6 MUST: a later process protects what an earlier one learnt")
    void aLaterProcessProtects(@TempDir Path memory) {
        try (Model model = SmallTasks.model()) {
            try (ForgettingListener first = remembering(memory)) {
                learnFirst(model, first);
                if (protectsWhatWasThere()) {
                    SmallTasks.fit(model, later(), 1, first);
                }
            }
            try (ForgettingListener second = remembering(memory)) {
                assertThat(second.tasks()).extracting(LearntTask::name).containsExactly("task-1");
                requireKept(model, second);
            }
        }
    }

    @Test
    @DisplayName("G13 SHOULD: a later process trains as this one would have, bit for bit")
    void aLaterProcessTrainsAlike(@TempDir Path memory) {
        assumeTrue(!drawsAnew(), name() + " draws other random numbers in a later process");
        Weights throughout;
        try (Model model = SmallTasks.model();
                ForgettingListener listener = remembering(memory.resolve("one"))) {
            SmallTasks.fit(model, 0, 3, listener);
            SmallTasks.fit(model, 1, 3, listener);
            throughout = Weights.of(model);
        }
        try (Model model = SmallTasks.model()) {
            try (ForgettingListener first = remembering(memory.resolve("two"))) {
                SmallTasks.fit(model, 0, 3, first);
            }
            try (ForgettingListener second = remembering(memory.resolve("two"))) {
                SmallTasks.fit(model, 1, 3, second);
                Weights.of(model)
                        .requireSame(
                                throughout,
                                "save(...) must write all that it acts by, and restore(...) take it"
                                        + " in; if it draws at random, drawsAnew() says yes");
            }
        }
    }

    @Test
    @DisplayName("G7 MUST: a task that is broken off costs earlier ones nothing")
    void aBrokenOffTaskCostsNothing() {
        try (Model model = SmallTasks.model();
                ForgettingListener listener = listener()) {
            learnFirst(model, listener);
            BrokenTask.train(model, 2, listener);
            requireKept(model, listener);
        }
    }

    @Test
    @DisplayName("G8 MUST: frozen parameters stay as they are, and the rest is guarded")
    void frozenParametersStay() {
        try (Model model = SmallTasks.model();
                ForgettingListener listener = listener()) {
            learnFirst(model, listener);
            Map<String, float[]> before = Weights.of(model).values();
            String frozen = before.keySet().iterator().next();
            model.getBlock().getParameters().get(frozen).freeze(true);
            requireGuarded(model, listener);
            assertThat(Weights.of(model).values().get(frozen))
                    .as("the values of %s, which was frozen", frozen)
                    .isEqualTo(before.get(frozen));
        }
    }

    @Test
    @DisplayName("G9 MUST: erasing a subject removes its samples, and says how many")
    void erasingASubjectRemovesItsSamples() {
        try (Model model = SmallTasks.model();
                ForgettingListener listener =
                        addTo(ForgettingListener.builder())
                                .optSubjects(batch -> subjects(batch.getSize()))
                                .build()) {
            SmallTasks.fit(model, 0, 1, listener);
            long erased = listener.erase("ada");
            assertThat(erased > 0).as("erased %s samples", erased).isEqualTo(keepsSamples());
            assertThat(listener.erase("ada")).as("a second time").isZero();
        }
    }

    @Test
    @DisplayName("G10 MUST: closing it without having trained is fine")
    void closingItUntrainedIsFine() {
        ForgettingListener listener = listener();
        listener.close();
        // A listener closes its guards once, however often it is closed.
        listener.close();
    }

    @Test
    @DisplayName("G11 SHOULD: it guards a TorchScript model")
    void aTorchScriptModelIsGuarded() {
        assumeTrue(guardsTorchScript(), name() + " needs to see the model's blocks");
        try (Model model = SmallTasks.torchScript();
                ForgettingListener listener = listener()) {
            learnFirst(model, listener);
            requireGuarded(model, listener);
        }
    }

    @Test
    @DisplayName("G12 SHOULD: no call of a batch waits for the device")
    void noCallOfABatchReadsFromTheDevice() {
        assumeTrue(!perBatchTypes().isEmpty(), "perBatchTypes() names no type to search");
        assertThat(HostReads.in(perBatchTypes()))
                .as("reads of values in onLoss, onGradient, onBackward, onUpdate or onStep")
                .isEmpty();
    }

    /** Trains a later task; an effect that is empty tells that there was nothing to correct. */
    private void requireGuarded(Model model, ForgettingListener listener) {
        List<GuardEffect> effects = new ArrayList<>();
        TrainingListenerAdapter reader =
                new TrainingListenerAdapter() {
                    @Override
                    public void onEpoch(Trainer trainer) {
                        listener.effect(name()).ifPresent(effects::add);
                    }
                };
        SmallTasks.fit(model, 1, 3, listener, reader);
        assertThat(listener.tasks()).hasSize(protectsWhatWasThere() ? 1 : 2);
        if (actsAtSteps() && !effects.isEmpty()) {
            assertThat(effects)
                    .as("its effects, epoch by epoch")
                    .anyMatch(
                            effect ->
                                    effect.penalty() + effect.gradientShare() + effect.updateShare()
                                            > 0);
        }
    }

    private void learnFirst(Model model, ForgettingListener listener) {
        if (protectsWhatWasThere()) {
            SmallTasks.fit(model, 0, SmallTasks.FIRST_EPOCHS);
        } else {
            SmallTasks.fit(model, 0, SmallTasks.FIRST_EPOCHS, listener);
        }
    }

    private void requireKept(Model model, ForgettingListener listener) {
        FirstTask.requireKept(model, new LaterTask(later(), !holdsTheLastLayer()), listener);
    }

    private int later() {
        return actsThroughNewInputs() ? SmallTasks.PART : 1;
    }

    private ForgettingListener listener() {
        return addTo(ForgettingListener.builder()).build();
    }

    private ForgettingListener remembering(Path directory) {
        return addTo(ForgettingListener.builder()).optMemory(directory).build();
    }

    private static List<String> subjects(int size) {
        return IntStream.range(0, size).mapToObj(i -> i % 2 == 0 ? "ada" : "grace").toList();
    }
}
