package dev.engram.generativereplay.internal.mixture;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.generativereplay.internal.samples.ClassOfTask;
import dev.engram.generativereplay.internal.samples.MadeSamples;
import dev.engram.generativereplay.internal.samples.Rows;
import dev.engram.generativereplay.internal.statistics.Noise;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Samples drawn from components of a catalog; nothing is read from the device. */
public final class Drawn {

    private final Catalog catalog;
    private final int[] components;
    private final double spread;
    private final SplittableRandom random;

    /**
     * Creates a draw.
     *
     * @param spread by what deviations are longer than those that were seen
     */
    public Drawn(Catalog catalog, int[] components, double spread, SplittableRandom random) {
        this.catalog = catalog;
        this.components = components;
        this.spread = spread;
        this.random = random;
    }

    /** Returns the samples; the manager owns them. */
    public ReplayedBatch batch(NDManager manager) {
        MadeSamples made = new MadeSamples(catalog.form(), classes());
        try (NDManager call = catalog.manager().newSubManager()) {
            return made.batch(amounts(call), manager);
        }
    }

    /** Returns of each sample the class. */
    public List<ClassOfTask> classes() {
        return IntStream.of(owners()).mapToObj(catalog.classes()::get).toList();
    }

    /** Returns of each sample the class, by its place in the catalog. */
    public int[] owners() {
        return IntStream.of(components).map(catalog.owners()::get).toArray();
    }

    /**
     * Draws the numbers of the samples, float32, one sample a row.
     *
     * @param call owns what is computed
     */
    public NDArray amounts(NDManager call) {
        int[] owners = owners();
        NDArray range = Rows.of(catalog.range(), owners, call);
        return deviations(call)
                .add(wide(catalog.means(), call))
                .mul(range.get(":,0:1"))
                .add(Rows.of(catalog.frame(), owners, call))
                .maximum(range.get(":,1:2"))
                .minimum(range.get(":,2:3"));
    }

    /** Returns what each sample has of the axes of its component. */
    private NDArray deviations(NDManager call) {
        Shape shape = new Shape(components.length, 1, catalog.rank());
        return Noise.of(shape, spread, random, call)
                .batchMatMul(wide(catalog.axes(), call))
                .reshape(components.length, catalog.form().width());
    }

    private NDArray wide(NDArray array, NDManager call) {
        return Rows.of(array, components, call).toType(DataType.FLOAT32, false);
    }
}
