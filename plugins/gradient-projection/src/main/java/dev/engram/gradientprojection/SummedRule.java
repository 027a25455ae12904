package dev.engram.gradientprojection;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.gradientprojection.internal.energy.Covariance;
import dev.engram.gradientprojection.internal.energy.Spectrum;
import dev.engram.kit.autograd.EngineMemory;
import org.jspecify.annotations.Nullable;

/** Adds up the covariances of all tasks: what OWM and NSCL keep. */
abstract class SummedRule implements ProjectionRule {

    @Override
    public final Covariance joined(@Nullable Covariance earlier, Covariance task, NDManager owner) {
        if (earlier == null) {
            return task.copy(owner);
        }
        try (NDManager work = owner.newSubManager()) {
            if (!task.isFactor()) {
                NDArray sum = earlier.matrix().add(task.matrix());
                sum.attach(work);
                return Covariance.of(EngineMemory.copy(sum, owner), false);
            }
            NDArray rows = earlier.isFactor() ? earlier.matrix() : roots(earlier, work);
            NDArray both = NDArrays.concat(new NDList(rows, task.matrix()));
            both.attach(work);
            return reduced(both, owner, work);
        }
    }

    /** Keeps the largest directions of a factor that has too many rows. */
    private static Covariance reduced(NDArray factor, NDManager owner, NDManager work) {
        if (factor.getShape().get(0) <= Covariance.RANK) {
            return Covariance.of(EngineMemory.copy(factor, owner), true);
        }
        return Covariance.of(
                EngineMemory.copy(roots(Covariance.of(factor, true), work), owner), true);
    }

    /** Returns the largest directions, each as long as the root of its energy. */
    private static NDArray roots(Covariance covariance, NDManager work) {
        Spectrum spectrum = Spectrum.of(covariance, work);
        int rank = Math.min(Covariance.RANK, spectrum.energies().length);
        float[] lengths = new float[rank];
        for (int i = 0; i < rank; i++) {
            lengths[i] = (float) Math.sqrt(spectrum.energies()[i]);
        }
        NDArray largest = spectrum.directions().get("0:" + rank);
        largest.attach(work);
        NDArray rows = largest.mul(work.create(lengths, new Shape(rank, 1)));
        rows.attach(work);
        return rows;
    }

    @Override
    public final NDArray joinedElements(@Nullable NDArray earlier, NDArray task, NDManager owner) {
        if (earlier == null) {
            return EngineMemory.copy(task, owner);
        }
        NDArray sum = earlier.add(task);
        sum.attach(owner);
        return sum;
    }

    /** Orthogonal weights modification, softly: {@code Δ ← Δ · α (C + αI)⁻¹}. */
    static final class Owm extends SummedRule {

        private final double alpha;

        Owm(double alpha) {
            this.alpha = alpha;
        }

        @Override
        public Removal removal(Covariance kept, NDManager owner) {
            if (kept.isFactor()) {
                try (NDManager work = owner.newSubManager()) {
                    return Removal.of(
                            Spectrum.of(kept, work), energy -> energy / (energy + alpha), owner);
                }
            }
            return new Removal(removed(kept.matrix(), owner), null);
        }

        /** {@code I - α (C + αI)⁻¹}, in float64: a small alpha makes the inverse large. */
        private NDArray removed(NDArray matrix, NDManager owner) {
            try (NDManager work = owner.newSubManager()) {
                int width = (int) matrix.getShape().get(0);
                NDArray wide = matrix.toType(DataType.FLOAT64, true);
                wide.attach(work);
                NDArray one = work.eye(width, width, 0, DataType.FLOAT64);
                NDArray inverse = wide.add(one.mul(alpha)).inverse();
                inverse.attach(work);
                NDArray removed = one.sub(inverse.mul(alpha)).toType(DataType.FLOAT32, true);
                removed.attach(work);
                return EngineMemory.copy(removed, owner);
            }
        }

        @Override
        public NDArray elementShares(NDArray kept, NDManager owner) {
            try (NDArray all = kept.add((float) alpha)) {
                NDArray shares = kept.div(all);
                shares.attach(owner);
                return shares;
            }
        }
    }

    /** Null space: updates keep to the directions of little energy. */
    static final class Nscl extends SummedRule {

        private final double bound;

        Nscl(double bound) {
            this.bound = bound;
        }

        @Override
        public Removal removal(Covariance kept, NDManager owner) {
            try (NDManager work = owner.newSubManager()) {
                return Removal.of(Spectrum.of(kept, work), energy -> energy > bound ? 1 : 0, owner);
            }
        }

        @Override
        public NDArray elementShares(NDArray kept, NDManager owner) {
            try (NDArray isHeld = kept.gt((float) bound)) {
                NDArray shares = isHeld.toType(DataType.FLOAT32, true);
                shares.attach(owner);
                return shares;
            }
        }
    }
}
