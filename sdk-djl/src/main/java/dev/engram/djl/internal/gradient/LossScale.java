package dev.engram.djl.internal.gradient;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import dev.engram.api.guard.LiveParameter;
import dev.engram.djl.internal.check.HeardBatch;
import dev.engram.djl.internal.check.WrappedLoss;
import dev.engram.djl.internal.isolation.IsolatedBlock;
import dev.engram.kit.autograd.InnerProduct;
import dev.engram.kit.evaluation.EvaluationBlocks;
import java.util.List;

/**
 * Whether a loop that adds up the gradients of several batches divides each loss by their number.
 *
 * <p>It may do so itself, or in its {@code Loss}, or not at all. Only the gradients tell: those at
 * hand against those of the trainer's loss.
 */
public final class LossScale {

    private final Trainer trainer;
    private final ParameterStore store;
    private int batches = 1;
    private double scale = 1;

    public LossScale(Trainer trainer, ParameterStore store) {
        this.trainer = trainer;
        this.store = store;
    }

    /** Returns it; for a number of batches not seen before in this task the model runs. */
    public double of(List<HeardBatch> heard, List<LiveParameter> parameters, NDManager manager) {
        if (heard.size() < 2) {
            return 1;
        }
        if (batches < heard.size()) {
            batches = heard.size();
            scale = measure(heard, parameters, manager);
        }
        return scale > 1 ? heard.size() : 1;
    }

    private double measure(
            List<HeardBatch> heard, List<LiveParameter> parameters, NDManager manager) {
        try (NDManager scratch = manager.newSubManager()) {
            double atHand = norm(parameters, scratch);
            KeptGradients kept = new KeptGradients(parameters, scratch);
            try {
                heard.forEach(this::backward);
                double undivided = norm(parameters, scratch);
                double most = Math.sqrt(heard.size());
                return atHand * most > undivided ? heard.size() : 1;
            } finally {
                kept.putBack();
            }
        }
    }

    private void backward(HeardBatch batch) {
        Block evaluation =
                EvaluationBlocks.of(IsolatedBlock.usersBlock(trainer.getModel().getBlock()));
        try (GradientCollector collector = trainer.newGradientCollector();
                NDManager scratch = trainer.getManager().newSubManager()) {
            NDList data = attached(batch.data(), scratch);
            NDList labels = attached(batch.labels(), scratch);
            NDList outputs = evaluation.forward(store, data, false);
            collector.backward(WrappedLoss.own(trainer.getLoss()).evaluate(labels, outputs));
        }
    }

    /** Returns views that carry what is computed from them away with them. */
    private static NDList attached(NDList arrays, NDManager scratch) {
        NDList views = new NDList();
        for (NDArray array : arrays) {
            NDArray view = array.stopGradient();
            view.setName(array.getName());
            view.attach(scratch);
            views.add(view);
        }
        return views;
    }

    private static double norm(List<LiveParameter> parameters, NDManager scratch) {
        NDArray total = scratch.zeros(new Shape());
        for (LiveParameter parameter : parameters) {
            try (NDArray gradient = parameter.gradient()) {
                total.addi(InnerProduct.ofItself(gradient, scratch));
            }
        }
        return Math.sqrt(total.toType(DataType.FLOAT64, true).getDouble());
    }
}
