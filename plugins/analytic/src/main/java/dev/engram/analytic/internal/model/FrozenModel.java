package dev.engram.analytic.internal.model;

import ai.djl.Model;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.Trainer;
import dev.engram.analytic.internal.closedform.HeadMethod;
import dev.engram.api.EngramException;
import dev.engram.api.guard.LiveParameter;
import java.util.List;

/**
 * A model whose base is frozen while a trainer lives.
 *
 * @param model the user's
 * @param before the block that it had
 * @param split that block, in parts
 * @param frozen what was frozen for it
 */
public record FrozenModel(Model model, Block before, ModelSplit split, List<Parameter> frozen) {

    /**
     * Freezes the base of the model that a trainer trains.
     *
     * @param seen told the features of each training pass
     * @throws EngramException if model or trainer do not suit
     */
    public static FrozenModel install(Trainer trainer, HeadMethod method, SeenFeatures seen) {
        Model model = trainer.getModel();
        Block before = model.getBlock();
        ModelSplit split = ModelSplit.of(before, method.name());
        method.requireSuits(split.hasBias());
        if (trainer.getDevices().length > 1) {
            throw new EngramException(
                    "%s sums what one device sees, and this trainer has %d: train on one (optDevices). A solved head needs one pass over the data, and no gradients of the base."
                            .formatted(method.name(), trainer.getDevices().length));
        }
        List<Parameter> frozen =
                split.baseParameters().stream().filter(Parameter::requiresGradient).toList();
        frozen.forEach(parameter -> parameter.freeze(true));
        model.setBlock(new SplitBlock(before, split, seen::take));
        return new FrozenModel(model, before, split, frozen);
    }

    /** Gives the model back as it was. */
    public void takeOff() {
        model.setBlock(before);
        frozen.forEach(parameter -> parameter.freeze(false));
    }

    /**
     * Looks that nothing but the head trains.
     *
     * @throws EngramException naming what trains
     */
    public void requireOnlyHeadTrains(List<LiveParameter> trained) {
        List<Parameter> head = split.head().getParameters().values();
        List<String> others =
                trained.stream()
                        .filter(live -> !head.contains(live.parameter()))
                        .map(LiveParameter::name)
                        .toList();
        if (!others.isEmpty()) {
            throw new EngramException(
                    "%s were thawed while the head is solved over them: the sums of earlier tasks are about features that would be no more. Train the base before its first task, without this strategy."
                            .formatted(others));
        }
    }
}
