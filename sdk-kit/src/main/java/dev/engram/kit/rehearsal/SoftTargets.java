package dev.engram.kit.rehearsal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.kit.autograd.Scaled;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Distillation on replayed samples: {@code −T² Σ_c softmax(z/T)_c log softmax(f(x)/T)_c}, the mean
 * over samples, where {@code z} is what was answered to the sample before the task (Hinton, Vinyals
 * and Dean 2015; van de Ven, Siegelmann and Tolias 2020).
 *
 * <p>A class of which no sample was replayed so far has no probability in {@code z}: whoever
 * answered has not learnt it. The model gets one for each class, so those of new classes fall.
 */
final class SoftTargets implements ReplayLoss, AutoCloseable {

    private static final float NEVER = -1e9f;

    private final double temperature;
    private @Nullable NDManager owner;

    /** How many samples of each class were replayed, by the number of classes that answers tell. */
    private final Map<Long, NDArray> seen = new HashMap<>();

    SoftTargets(double temperature) {
        this.temperature = temperature;
    }

    /** From here on it may count classes; what it counted before stays. */
    void begin(TrainingView training) {
        if (owner == null) {
            NDManager own = training.manager().newSubManager();
            own.setName("soft targets");
            owner = own;
        }
    }

    @Override
    public NDArray of(NDList predictions, ReplayedBatch batch, TaskLosses losses) {
        NDArray then = answers(batch);
        NDArray now = predictions.head();
        requireClasses(then, now, batch);
        NDArray soft = then.div(temperature).add(unlearnt(batch, then)).softmax(-1);
        NDArray log = Scaled.by(1 / temperature, now).logSoftmax(-1);
        long known = then.getShape().get(1);
        NDArray own = now.getShape().get(1) == known ? log : log.get(":,0:" + known);
        NDArray cross = soft.mul(own).sum(new int[] {-1}).mean();
        return Scaled.by(-temperature * temperature, cross);
    }

    private static NDArray answers(ReplayedBatch batch) {
        if (batch.predictions().isEmpty()) {
            throw new EngramException(
                    "soft-targets holds rehearsed samples to what was answered to them, but the"
                        + " source keeps no answers: let it ask the model (such as vae.answers ="
                        + " 2000), build it with optPredictions(true), or leave soft-targets out");
        }
        return batch.predictions().head();
    }

    private static void requireClasses(NDArray then, NDArray now, ReplayedBatch batch) {
        Shape known = then.getShape();
        Shape all = now.getShape();
        boolean fits =
                known.dimension() == 2
                        && all.dimension() == 2
                        && known.get(0) == all.get(0)
                        && known.get(1) <= all.get(1)
                        && batch.labels().size() == 1
                        && batch.labels().head().size() == all.get(0);
        if (!fits) {
            throw new EngramException(
                    "soft-targets compares one number a class with what was answered before, and takes one label a sample, but the model predicts %s, the answers are %s and the labels %s: leave soft-targets out"
                            .formatted(
                                    all,
                                    known,
                                    batch.labels().stream().map(NDArray::getShape).toList()));
        }
    }

    /** Returns what is added to answers so that classes without samples have no probability. */
    private NDArray unlearnt(ReplayedBatch batch, NDArray then) {
        NDArray counts = counts(then);
        NDArray labels = batch.labels().head().toType(DataType.FLOAT32, false);
        NDArray classes = then.getManager().arange(0f, (float) then.getShape().get(1));
        NDArray each = labels.reshape(-1, 1).eq(classes).toType(DataType.FLOAT32, false);
        counts.addi(each.sum(new int[] {0}));
        NDArray mask = counts.eq(0).toType(DataType.FLOAT32, false).mul(NEVER);
        mask.attach(then.getManager());
        return mask;
    }

    private NDArray counts(NDArray then) {
        NDManager own = owner;
        if (own == null) {
            throw new IllegalStateException("no task has begun");
        }
        return seen.computeIfAbsent(
                then.getShape().get(1), classes -> own.zeros(new Shape(classes)));
    }

    @Override
    public void close() {
        seen.clear();
        if (owner != null) {
            owner.close();
            owner = null;
        }
    }
}
