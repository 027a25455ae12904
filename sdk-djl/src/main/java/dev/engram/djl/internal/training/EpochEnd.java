package dev.engram.djl.internal.training;

import dev.engram.api.guard.TrainingView;
import dev.engram.djl.internal.effect.EpochReport;
import dev.engram.djl.internal.effect.Shares;
import dev.engram.djl.internal.guards.GuardSlot;
import dev.engram.djl.internal.guards.Guards;

/** The end of an epoch: guards measure, what they did in it is kept, and said. */
record EpochEnd(
        Guards guards, TaskViews views, GuardedStep step, UpdateWatch updates, EpochReport report) {

    void of(int epoch) {
        guards.slots()
                .forEach(slot -> slot.call("at the end of epoch " + epoch, () -> end(slot, epoch)));
    }

    private void end(GuardSlot slot, int epoch) {
        TrainingView view = views.of(slot);
        slot.guard().onEpoch(view);
        Shares shares = step.shares(slot.name());
        double update = updates.share(slot.name());
        guards.effects().put(slot.name(), shares == null ? null : shares.and(update));
        guards.effects()
                .of(slot.name(), slot.guard().effect())
                .ifPresent(effect -> report.of(slot.name(), effect, view, epoch));
    }
}
