package dev.engram.djl.internal.loss;

import ai.djl.nn.Block;
import ai.djl.training.Trainer;
import dev.engram.api.EngramException;
import dev.engram.djl.internal.guards.GuardSlot;
import dev.engram.djl.internal.guards.Guards;
import dev.engram.djl.internal.isolation.IsolatedBlock;
import dev.engram.kit.evaluation.EvaluationBlocks;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Why the terms of guards cannot join the loop's loss, and what that means for them. */
public final class JoinObstacle {

    private static final Logger LOG = LoggerFactory.getLogger(JoinObstacle.class);

    private JoinObstacle() {}

    /**
     * Returns what is in the way with a trainer that begins, or nothing.
     *
     * @param isolates whether tasks are to have parameters of their own
     */
    static Optional<String> of(Trainer trainer, Guards guards, boolean isolates) {
        Block block = trainer.getModel().getBlock();
        if (isolates || (block instanceof IsolatedBlock isolated && isolated.trains())) {
            return Optional.of("tasks have parameters of their own");
        }
        if (!guards.lookingAtGradients().isEmpty()) {
            return Optional.of(guards.lookingAtGradients() + " look at the loop's gradients alone");
        }
        if (trainer.getDevices().length > 1) {
            return Optional.of("the trainer has " + trainer.getDevices().length + " devices");
        }
        if (EvaluationBlocks.holdsTorchScript(block)) {
            return Optional.of("the model holds TorchScript");
        }
        return JointLoss.isPossible()
                ? Optional.empty()
                : Optional.of("this version of DJL keeps the trainer's loss elsewhere");
    }

    /**
     * Says what it costs that the terms of guards are not joined.
     *
     * @param isolates whether tasks have parameters of their own
     * @throws EngramException if a guard does nothing then
     */
    public static void say(Trainer trainer, Guards guards, boolean isolates) {
        if (guards.addingToLoss().isEmpty()) {
            return;
        }
        of(trainer, guards, isolates)
                .ifPresent(
                        reason -> say(guards.actingInLossAlone(), guards.addingToLoss(), reason));
    }

    /**
     * As {@link #say(Trainer, Guards, boolean)}, of a loop that computes its loss in its own way.
     */
    static void sayOfLoop(List<GuardSlot> asked) {
        say(
                asked.stream()
                        .filter(slot -> slot.named().actsInLossAlone())
                        .map(GuardSlot::name)
                        .toList(),
                asked.stream().map(GuardSlot::name).toList(),
                "the loop computes the loss of a batch past trainer.getLoss(), or of something else"
                        + " than what the model's last forward pass returned");
    }

    private static void say(List<String> without, List<String> adding, String reason) {
        if (!without.isEmpty()) {
            throw new EngramException(
                    "%s act in onLoss alone, and here nobody can be asked for a term of the loop's loss, because %s: they would do nothing. Such a guard must also add its term in onBackward, for the batches that were not joined (StepBatch.wasJoined)."
                            .formatted(without, reason));
        }
        LOG.info(
                "The terms of {} are not added to the loop's loss, because {}: they take a backward"
                        + " pass of their own at each step",
                adding,
                reason);
    }
}
