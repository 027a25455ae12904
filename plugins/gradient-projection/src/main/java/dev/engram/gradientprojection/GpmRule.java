package dev.engram.gradientprojection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.gradientprojection.internal.energy.Covariance;
import dev.engram.gradientprojection.internal.energy.Spectrum;
import dev.engram.kit.autograd.EngineMemory;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Gradient projection memory (Saha et al. 2021, section 5): keeps orthonormal directions, to which
 * each task adds those that it needs for its share of its own energy.
 */
final class GpmRule implements ProjectionRule {

    private final double share;

    /**
     * Creates it.
     *
     * @param share of a task's energy that the kept directions hold
     */
    GpmRule(double share) {
        this.share = share;
    }

    @Override
    public Covariance joined(@Nullable Covariance earlier, Covariance task, NDManager owner) {
        try (NDManager work = owner.newSubManager()) {
            NDArray basis = earlier == null ? null : earlier.matrix();
            Covariance rest = basis == null ? task : without(task, basis, work);
            double all = task.trace();
            double missing = share * all - (all - Math.max(0, rest.trace()));
            NDArray added = directions(rest, missing, work);
            NDArray joined =
                    basis == null
                            ? added
                            : added == null ? basis : NDArrays.concat(new NDList(basis, added));
            NDArray kept = joined == null ? work.zeros(new Shape(1, task.width())) : joined;
            return Covariance.of(EngineMemory.copy(kept, owner), true);
        }
    }

    /** Returns the directions of most energy that together have as much as is missing. */
    private static @Nullable NDArray directions(Covariance rest, double missing, NDManager work) {
        if (missing <= 0) {
            return null;
        }
        Spectrum spectrum = Spectrum.of(rest, work);
        int count = 0;
        for (double held = 0; held < missing && count < spectrum.energies().length; count++) {
            held += spectrum.energies()[count];
        }
        if (count == 0) {
            return null;
        }
        NDArray chosen = spectrum.directions().get("0:" + count);
        chosen.attach(work);
        return chosen;
    }

    /** Takes out of a covariance, or of the rows of its factor, what lies in a basis. */
    private static Covariance without(Covariance task, NDArray basis, NDManager work) {
        NDArray rows = off(task.matrix(), basis, work);
        if (task.isFactor()) {
            return Covariance.of(rows, true);
        }
        NDArray turned = rows.transpose();
        turned.attach(work);
        return Covariance.of(off(turned, basis, work), false);
    }

    private static NDArray off(NDArray rows, NDArray basis, NDManager work) {
        NDArray turned = basis.transpose();
        turned.attach(work);
        NDArray inside = rows.matMul(turned);
        inside.attach(work);
        NDArray rest = rows.sub(inside.matMul(basis));
        rest.attach(work);
        return rest;
    }

    @Override
    public Removal removal(Covariance kept, NDManager owner) {
        double[] whole = new double[(int) kept.matrix().getShape().get(0)];
        Arrays.fill(whole, 1);
        return Removal.of(new Spectrum(whole, kept.matrix()), any -> 1, owner);
    }

    @Override
    public NDArray joinedElements(@Nullable NDArray earlier, NDArray task, NDManager owner) {
        float[] energies = task.toFloatArray();
        float[] held = earlier == null ? new float[energies.length] : earlier.toFloatArray();
        double missing = 0;
        for (int i = 0; i < energies.length; i++) {
            missing += energies[i] * (share - held[i]);
        }
        float[] largest = energies.clone();
        for (int i = 0; i < largest.length; i++) {
            largest[i] *= 1 - held[i];
        }
        Arrays.sort(largest);
        float least = Float.POSITIVE_INFINITY;
        for (int i = largest.length - 1; i >= 0 && missing > 0; i--) {
            least = largest[i];
            missing -= least;
        }
        for (int i = 0; i < energies.length; i++) {
            held[i] = energies[i] > 0 && energies[i] >= least ? 1 : held[i];
        }
        try (NDArray made = owner.create(held, task.getShape())) {
            return EngineMemory.copy(made, owner);
        }
    }

    @Override
    public NDArray elementShares(NDArray kept, NDManager owner) {
        return EngineMemory.copy(kept, owner);
    }
}
