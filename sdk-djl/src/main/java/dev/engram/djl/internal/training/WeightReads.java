package dev.engram.djl.internal.training;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.training.Trainer;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.djl.internal.guards.Guards;
import dev.engram.djl.internal.isolation.IsolatedBlock;
import dev.engram.djl.internal.plugin.NamedGuard;
import org.jspecify.annotations.Nullable;

/**
 * Hears that others than the loop's own training passes are about to see the weights: a validation,
 * a prediction, a file.
 *
 * <p>DJL tells its listeners of a validation after its first forward pass, of a file or a
 * prediction not at all, and of an epoch's end some listeners first. So a block that changes
 * nothing stands before the user's, only for guards that put off what they do to the weights, and
 * only while the trainer trains.
 */
public final class WeightReads implements AutoCloseable {

    private final Model model;
    private final Block standing;
    private final Block own;

    private WeightReads(Model model, Runnable heard) {
        this.model = model;
        this.own = model.getBlock();
        this.standing =
                new IsolatedBlock(
                        own,
                        pass -> through(own, pass, heard),
                        write -> {
                            heard.run();
                            write.run();
                        });
        model.setBlock(standing);
    }

    /**
     * Begins to listen to a trainer's model.
     *
     * @param heard called before weights are read
     */
    public static @Nullable WeightReads of(Trainer trainer, Guards guards, Runnable heard) {
        boolean isWanted = guards.named().stream().anyMatch(NamedGuard::hearsOfReads);
        return isWanted ? new WeightReads(trainer.getModel(), heard) : null;
    }

    private static NDList through(Block own, ForwardPass pass, Runnable heard) {
        if (!pass.training()) {
            heard.run();
        }
        return pass.through(own, pass.store(), pass.inputs());
    }

    /**
     * Takes the block off again, and what another listener of the same trainer may have left behind
     * it, unless another came between.
     */
    @Override
    public void close() {
        if (model.getBlock() == standing) {
            model.setBlock(IsolatedBlock.usersBlock(own));
        }
    }
}
