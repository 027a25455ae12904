package dev.engram.djl.internal.training;

import ai.djl.ndarray.NDManager;
import ai.djl.training.listener.TrainingListener.BatchData;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepBatch;
import dev.engram.api.guard.StepView;
import dev.engram.djl.internal.check.HeardBatch;
import dev.engram.djl.internal.check.LoopCheck;
import dev.engram.djl.internal.effect.EffectMeter;
import dev.engram.djl.internal.effect.Shares;
import dev.engram.djl.internal.gradient.LossScale;
import dev.engram.djl.internal.gradient.StepProbe;
import dev.engram.djl.internal.guards.GuardSlot;
import dev.engram.djl.internal.guards.Guards;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** What the guards do at a step, each under watch. */
final class GuardedStep {

    private final TaskViews views;
    private final Guards guards;
    private final LossScale scale;
    private final StepProbe probe;
    private final EffectMeter meter;

    GuardedStep(TaskViews views, Guards guards, LossScale scale) {
        this.views = views;
        this.guards = guards;
        this.scale = scale;
        this.probe = new StepProbe(guards.manager());
        this.meter = new EffectMeter(guards.manager(), guards.named());
    }

    /**
     * Lets all guards look at the gradients, then all edit them.
     *
     * @param joined those with terms in the loss of any of these batches
     */
    void run(
            long number,
            BatchData batch,
            List<HeardBatch> heard,
            Set<String> joined,
            List<LiveParameter> parameters) {
        boolean loopCollects = LoopCheck.isCollecting(guards.manager().getEngine());
        try (NDManager scratch = guards.manager().newSubManager()) {
            Call call = new Call(number, batch, heard, parameters, scratch);
            for (GuardSlot slot : guards.slots()) {
                call.on(slot, ForgettingGuard::onGradient);
            }
            meter.begin(number, parameters, joined);
            probe.begin(number, parameters, scratch);
            for (GuardSlot slot : guards.slots()) {
                meter.before(slot.name());
                probe.before();
                call.on(slot, ForgettingGuard::onBackward);
                probe.after(slot.name(), number, parameters);
                meter.after(slot.name());
            }
        } catch (RuntimeException e) {
            throw loopCollects && LoopCheck.isOfCollector(e) ? LoopCheck.openCollector(e) : e;
        } finally {
            meter.end();
        }
    }

    /** Returns what was measured of a guard in the epoch that ends, nothing if nothing was. */
    @Nullable Shares shares(String guard) {
        return meter.epoch(guard);
    }

    void endEpoch() {
        probe.warnOfLeaks();
    }

    void close() {
        meter.close();
    }

    /** One step, as each guard sees it. */
    private final class Call {

        private final long number;
        private final BatchData batch;
        private final List<HeardBatch> heard;
        private final List<LiveParameter> parameters;
        private final NDManager scratch;

        Call(
                long number,
                BatchData batch,
                List<HeardBatch> heard,
                List<LiveParameter> parameters,
                NDManager scratch) {
            this.number = number;
            this.batch = batch;
            this.heard = heard;
            this.parameters = parameters;
            this.scratch = scratch;
        }

        void on(GuardSlot slot, BiConsumer<ForgettingGuard, StepView> method) {
            List<String> subjects =
                    heard.isEmpty() ? List.of() : heard.get(heard.size() - 1).subjects();
            StepView step =
                    new Step(
                            views.of(slot, scratch),
                            number,
                            batch,
                            List.<StepBatch>copyOf(heard),
                            subjects,
                            views.trainer(),
                            () -> scale.of(heard, parameters, guards.manager()),
                            scratch);
            slot.call(
                    "after the backward pass of step " + number,
                    () -> method.accept(slot.guard(), step));
        }
    }
}
