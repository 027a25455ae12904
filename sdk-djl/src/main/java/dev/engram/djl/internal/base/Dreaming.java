package dev.engram.djl.internal.base;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.SampleBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a model for inputs of a task that nobody has data of: begins with pieces of other inputs,
 * and changes them until the model is sure of a class that is drawn at random.
 *
 * <p>After the inversion of networks (Mahendran and Vedaldi 2015; Yin et al. 2020, DeepInversion;
 * Smith et al. 2021 for continual learning), without their priors of natural images: what keeps
 * these inputs from being noise is where they begin, few steps, and that they are pulled to zero.
 * Some begin as noise nevertheless, and some remain it.
 */
final class Dreaming {

    private static final Logger LOG = LoggerFactory.getLogger(Dreaming.class);

    private static final int MOST = 1536;
    private static final int FEWEST = 32;
    private static final int FEWEST_AT_ONCE = 8;
    private static final int CROWD = 8;
    private static final int AT_ONCE = 64;
    private static final long NUMBERS = 1L << 24;
    private static final int STEPS = 30;

    /** What an input costs in passes forward: each step goes back, too, which is two more. */
    private static final double PASSES = 3.0 * STEPS;

    private static final int NOISE_OF = 6;
    private static final long SEED = 1;

    private final FinishedTask base;
    private final NDArray seen;
    private final boolean areOfSubjects;
    private final Rearranged pieces;
    private final InputRange range;
    private final int atOnce;
    private final SplittableRandom random = new SplittableRandom(SEED);

    private Dreaming(FinishedTask base, SampleBatch batch) {
        this.base = base;
        this.seen = batch.data().head();
        this.atOnce = Math.max(FEWEST_AT_ONCE, Math.min(AT_ONCE, batch.size()));
        this.areOfSubjects = !batch.subjects().isEmpty();
        long[] sample = seen.getShape().slice(1).getShape();
        float[] rows = numbers(seen);
        requireFinite(rows);
        int[] shape = Arrays.stream(sample).mapToInt(Math::toIntExact).toArray();
        this.pieces = new Rearranged(rows, shape);
        this.range = InputRange.of(rows, batch.size(), sample.length == 1);
    }

    private static float[] numbers(NDArray array) {
        try (NDArray wide = array.toType(DataType.FLOAT32, true)) {
            return wide.toFloatArray();
        }
    }

    private static void requireFinite(float[] rows) {
        for (float value : rows) {
            if (!Float.isFinite(value)) {
                throw new EngramException(
                        "The first batch holds inputs that are not finite (NaN or infinite), so"
                            + " what the base answers cannot be told from it, and nothing was"
                            + " trained: clean the data, or skip such batches before the listener"
                            + " hears of them");
            }
        }
    }

    /**
     * Returns what the base dreamt, or why it cannot.
     *
     * @param base its samples are a batch of another task
     */
    static Asked of(FinishedTask base) {
        Optional<String> before = Obstacle.before(base);
        if (before.isPresent()) {
            return Asked.not(before.get());
        }
        SampleBatch batch = base.samples(AT_ONCE).iterator().next();
        return Obstacle.of(batch.data())
                .map(Asked::not)
                .orElseGet(() -> new Dreaming(base, batch).asked());
    }

    private Asked asked() {
        Optional<String> shown = Obstacle.of(answers(seen), seen.getShape().get(0));
        if (shown.isPresent()) {
            return Asked.not(shown.get());
        }
        Dreams dreams = all(new Patience(System::nanoTime));
        if (dreams.tellAnything()) {
            return Asked.with(dreams);
        }
        dreams.close();
        return Asked.not("it answers all inputs alike, or with numbers that are not finite");
    }

    private Dreams all(Patience patience) {
        long length = seen.getShape().slice(1).size();
        int room = (int) Math.max(FEWEST, Math.min(MOST, NUMBERS / Math.max(1, length)));
        double each = PASSES * patience.seconds(() -> answers(seen)) / seen.getShape().get(0);
        int count = (int) Math.max(FEWEST, Math.min(room, patience.limit() / each));
        LOG.info(
                "The base is asked for {} inputs that it is sure of: once, {} passes of the model"
                        + " with {} inputs each, about {} s{}; {} MB are kept",
                count,
                (count + atOnce - 1) / atOnce * STEPS,
                atOnce,
                Math.round(count * each),
                count < MOST
                        ? " (fewer than %s, so that it takes no more than %s s and %s MB)"
                                .formatted(MOST, patience.limit(), megabytes(NUMBERS))
                        : "",
                megabytes(count * length));
        NDList inputs = new NDList();
        List<NDList> outputs = new ArrayList<>();
        for (int done = 0; done < count && patience.lasts(done, count); done += atOnce) {
            NDArray part = dreamt(Math.min(atOnce, count - done));
            inputs.add(part);
            outputs.add(answers(part));
        }
        return Dreams.of(inputs, outputs, base.manager());
    }

    private static long megabytes(long numbers) {
        return numbers * Float.BYTES / 1_000_000;
    }

    private NDArray dreamt(int count) {
        try (NDManager call = base.scratch().newSubManager()) {
            int plain = count / NOISE_OF;
            NDArray start = rows(count - plain, call, this::start);
            DreamBatch batch = new DreamBatch(base, start, seen.getDataType(), range, call);
            NDArray first = batch.inputs(call);
            Classes classes = new Classes(predict(first, call), random, call);
            for (int step = 0; step < STEPS; step++) {
                batch.step(classes);
            }
            NDList parts = new NDList(batch.inputs(call));
            if (plain > 0) {
                NDArray noise = rows(plain, call, i -> range.noise(random));
                parts.add(noise.toType(seen.getDataType(), true));
            }
            NDArray all = NDArrays.concat(parts);
            all.attach(base.scratch());
            return all;
        }
    }

    /** One in so many begins as noise: pieces of inputs do not reach everywhere. */
    private float[] start(int place) {
        boolean isSmallCrowd = areOfSubjects && pieces.count() < CROWD;
        if (place % NOISE_OF == 0 || isSmallCrowd) {
            return range.noise(random);
        }
        float[] made = areOfSubjects ? pieces.shuffled(random) : pieces.cutAndPasted(random);
        // Where samples are alike, pieces of two may be a third.
        return pieces.hold(made) ? range.noise(random) : made;
    }

    private NDArray rows(int count, NDManager call, IntFunction<float[]> make) {
        int length = Math.toIntExact(seen.getShape().slice(1).size());
        float[] rows = new float[count * length];
        for (int i = 0; i < count; i++) {
            System.arraycopy(make.apply(i), 0, rows, i * length, length);
        }
        return call.create(rows, new Shape(count).addAll(seen.getShape().slice(1)));
    }

    private NDList answers(NDArray inputs) {
        NDList answers = new NDList();
        try (NDManager call = base.scratch().newSubManager()) {
            // What the layers make on the way goes to the manager of what they are given.
            NDArray given = inputs.stopGradient();
            given.attach(call);
            for (NDArray output : predict(given, call)) {
                NDArray answer = output.stopGradient().duplicate();
                answer.attach(base.scratch());
                answers.add(answer);
            }
        }
        return answers;
    }

    private NDList predict(NDArray inputs, NDManager call) {
        NDList outputs = base.predict(new NDList(inputs));
        outputs.attach(call);
        return outputs;
    }
}
