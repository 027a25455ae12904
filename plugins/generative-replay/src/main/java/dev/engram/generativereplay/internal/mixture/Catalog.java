package dev.engram.generativereplay.internal.mixture;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.engram.generativereplay.internal.samples.ClassOfTask;
import dev.engram.generativereplay.internal.samples.Form;
import dev.engram.generativereplay.internal.samples.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Classes of one form, each a mixture of low-rank Gaussians: a sample of component {@code c} of
 * class {@code k} is {@code centre_k + scale_k (mean_c + Σ e_a axis_ca)} with {@code e} normal, cut
 * to the range of the class.
 *
 * <p>Means and axes are in half precision, in units of the class's scale: all arrays lie one class
 * after the other. It owns its arrays.
 *
 * @param form of what is drawn
 * @param classes in the order of their rows
 * @param owners of each component the class
 * @param weights of each component how many samples it was fitted to
 * @param frame float32, of each class: centre
 * @param range float32, of each class: scale, least, greatest
 * @param means float16, of each component
 * @param axes float16, of each component so many rows, zeros where it has fewer directions
 * @param manager owns the arrays
 */
public record Catalog(
        Form form,
        List<ClassOfTask> classes,
        List<Integer> owners,
        List<Long> weights,
        NDArray frame,
        NDArray range,
        NDArray means,
        NDArray axes,
        NDManager manager)
        implements AutoCloseable {

    /** Returns one of all classes of some, which are closed. */
    public static Catalog joined(List<Catalog> parts, NDManager owner) {
        if (parts.size() == 1 && parts.get(0).manager.getParentManager() == owner) {
            return parts.get(0);
        }
        NDManager manager = named(owner);
        int rank = parts.stream().mapToInt(Catalog::rank).max().orElse(0);
        List<Integer> owners = new ArrayList<>();
        List<Long> weights = new ArrayList<>();
        List<ClassOfTask> classes = new ArrayList<>();
        for (Catalog part : parts) {
            int before = classes.size();
            part.owners.forEach(one -> owners.add(before + one));
            weights.addAll(part.weights);
            classes.addAll(part.classes);
        }
        Catalog joined =
                new Catalog(
                        parts.get(0).form,
                        List.copyOf(classes),
                        List.copyOf(owners),
                        List.copyOf(weights),
                        concat(parts, Catalog::frame, manager),
                        concat(parts, Catalog::range, manager),
                        concat(parts, Catalog::means, manager),
                        concat(parts, part -> part.padded(rank), manager),
                        manager);
        parts.forEach(Catalog::close);
        return joined;
    }

    /** Returns a manager for one. */
    public static NDManager named(NDManager owner) {
        NDManager manager = owner.newSubManager();
        manager.setName("mixture");
        return manager;
    }

    /** Returns one of some of the classes; this one stays. */
    public Catalog only(List<Integer> kept, NDManager owner) {
        NDManager next = named(owner);
        int[] components =
                IntStream.range(0, owners.size())
                        .filter(i -> kept.contains(owners.get(i)))
                        .toArray();
        return new Catalog(
                form,
                kept.stream().map(classes::get).toList(),
                IntStream.of(components).mapToObj(i -> kept.indexOf(owners.get(i))).toList(),
                IntStream.of(components).mapToObj(weights::get).toList(),
                Rows.of(frame, kept.stream().mapToInt(Integer::intValue).toArray(), next),
                Rows.of(range, kept.stream().mapToInt(Integer::intValue).toArray(), next),
                Rows.of(means, components, next),
                Rows.of(axes, components, next),
                next);
    }

    /** Returns how many axes each component has room for. */
    public int rank() {
        return Math.toIntExact(axes.getShape().get(1));
    }

    /** Returns how many bytes its arrays have. */
    public long bytes() {
        return LongStream.of(bytes(frame), bytes(range), bytes(means), bytes(axes)).sum();
    }

    @Override
    public void close() {
        manager.close();
    }

    private static long bytes(NDArray array) {
        return array.size() * array.getDataType().getNumOfBytes();
    }

    private NDArray padded(int rank) {
        if (rank == rank()) {
            return axes;
        }
        NDArray none =
                manager.zeros(
                        axes.getShape().slice(0, 1).add(rank - rank()).add(form.width()),
                        DataType.FLOAT16);
        return axes.concat(none, 1);
    }

    private static NDArray concat(
            List<Catalog> parts, Function<Catalog, NDArray> array, NDManager owner) {
        NDArray joined = NDArrays.concat(new NDList(parts.stream().map(array).toList()));
        joined.attach(owner);
        return joined;
    }
}
