package dev.engram.sleep;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListenerAdapter;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.sleep.internal.weights.Followed;
import dev.engram.sleep.internal.weights.LeftWeights;
import dev.engram.sleep.internal.weights.ModelWeights;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps two averages of a model's weights while it trains, from which it may learn when it sleeps:
 * an exponential moving one of the steps, and the mean of what each training left.
 *
 * <p>Add it to the trainings of one model, with the directory that {@link
 * Sleep.Builder#optDirectory} has; they are written there when a trainer ends, as large as the
 * weights twice. A training whose weights are not finite leaves both as they were. Where a
 * parameter has another shape than before, both begin anew.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class WeightsFollower extends TrainingListenerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(WeightsFollower.class);
    private static final int EVERY = 8;
    private static final double DECAY = 0.999;
    private static final String COUNT = "count";

    private final Path directory;
    private final double decay;
    private final int kept;
    private @Nullable NDManager manager;
    private @Nullable ModelWeights weights;
    private Map<String, NDArray> ema = Map.of();
    private Map<String, NDArray> average = Map.of();
    private long trainings;
    private long batches;

    private WeightsFollower(Path directory, double decay, int kept) {
        this.directory = directory;
        this.decay = decay;
        this.kept = kept;
    }

    /** Creates one that writes to a directory; its moving average spans some 1,000 steps. */
    public static WeightsFollower in(Path directory) {
        return in(directory, DECAY);
    }

    /**
     * As {@link #in(Path)}, with a decay of the moving average.
     *
     * @param decay what is left of it after a step, above 0 and below 1
     */
    public static WeightsFollower in(Path directory, double decay) {
        if (directory == null) {
            throw new EngramException("in(null): give the directory of the model's sleep");
        }
        if (!(decay > 0 && decay < 1)) {
            throw new EngramException(
                    "in(..., %s): give a decay above 0 and below 1, such as 0.999"
                            .formatted(decay));
        }
        return new WeightsFollower(directory, decay, 0);
    }

    /**
     * Returns one that also keeps what the last trainings left, each a file as large as the
     * weights: what a task's own training left answers it better than any average does, so these
     * are the best teachers there are.
     *
     * @param trainings how many, 1 or more; as many as there are tasks to be won back, best
     */
    public WeightsFollower keeping(int trainings) {
        if (trainings < 1) {
            throw new EngramException("keeping(%d): give 1 or more".formatted(trainings));
        }
        return new WeightsFollower(directory, decay, trainings);
    }

    @Override
    public void onTrainingBatch(Trainer trainer, BatchData batch) {
        if (weights == null) {
            begin(trainer);
        }
        if (++batches % EVERY == 0) {
            move(ema, 1 - Math.pow(decay, EVERY));
        }
    }

    private void begin(Trainer trainer) {
        NDManager owner = trainer.getManager().newSubManager();
        owner.setName("engram follower");
        ModelWeights now = new ModelWeights(trainer.getModel().getBlock());
        Map<String, NDArray> all = Followed.read(directory, owner);
        Map<String, NDArray> last = Followed.under(Followed.EMA, all);
        manager = owner;
        weights = now;
        batches = 0;
        if (now.fit(last)) {
            ema = last;
            average = Followed.under(Followed.AVERAGE, all);
            NDArray count = all.get(COUNT);
            trainings = count == null ? 0 : count.getLong();
        } else {
            ema = now.copy(owner);
            average = now.copy(owner);
            trainings = 0;
        }
    }

    /** Moves values by a share of the way to the weights, on the device, without a wait. */
    private void move(Map<String, NDArray> values, double share) {
        ModelWeights now = weights;
        if (now == null) {
            return;
        }
        now.trained()
                .forEach(
                        (name, parameter) -> {
                            NDArray value = values.get(name);
                            if (value != null) {
                                move(value, parameter.getArray(), share);
                            }
                        });
    }

    private static void move(NDArray value, NDArray to, double share) {
        try (NDArray here = to.stopGradient();
                NDArray way = here.sub(value)) {
            way.muli(share);
            value.addi(way);
        }
    }

    @Override
    public void onTrainingEnd(Trainer trainer) {
        NDManager owner = manager;
        if (owner == null) {
            return;
        }
        try {
            trainings++;
            move(average, 1.0 / (double) trainings);
            if (isFinite()) {
                write(owner);
                keep(owner);
            } else {
                LOG.warn(
                        "The weights of this training are not finite: the averages in {} stay as"
                                + " they were",
                        directory);
            }
        } finally {
            owner.close();
            manager = null;
            weights = null;
            ema = Map.of();
            average = Map.of();
        }
    }

    private boolean isFinite() {
        return average.values().stream().allMatch(WeightsFollower::isFinite)
                && ema.values().stream().allMatch(WeightsFollower::isFinite);
    }

    private static boolean isFinite(NDArray array) {
        try (NDArray sum = array.sum()) {
            return Double.isFinite(sum.toType(DataType.FLOAT64, true).getDouble());
        }
    }

    private void write(NDManager owner) {
        try (NDManager call = owner.newSubManager()) {
            Map<String, NDArray> all = new LinkedHashMap<>();
            ema.forEach((name, v) -> all.put(Followed.EMA + "/" + name, copy(v, call)));
            average.forEach((name, v) -> all.put(Followed.AVERAGE + "/" + name, copy(v, call)));
            all.put(COUNT, call.create(trainings));
            Followed.file(directory).write(all, "00");
        }
    }

    private void keep(NDManager owner) {
        ModelWeights now = weights;
        if (kept == 0 || now == null) {
            return;
        }
        try (NDManager call = owner.newSubManager()) {
            new LeftWeights(directory).add(now.copy(call), kept);
        }
    }

    private static NDArray copy(NDArray value, NDManager owner) {
        return EngineMemory.copy(value, owner);
    }
}
