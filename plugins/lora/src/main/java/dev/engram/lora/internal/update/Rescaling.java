package dev.engram.lora.internal.update;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.util.PairList;
import dev.engram.kit.overlay.ParameterOverlay;
import dev.engram.kit.overlay.PassValues;

/**
 * Answers {@code l ⊙ W}: a factor for each output of a layer, or for each input (IA³; Liu et al.
 * 2022, section 3.3).
 */
public final class Rescaling implements ParameterOverlay {

    private final Parameter factors;
    private final boolean isOwner;
    private final boolean scalesInputs;
    private final WeightLayout layout;

    /**
     * Creates it.
     *
     * @param isOwner whether the factors are listed here: a layer's weight and bias share them
     */
    public Rescaling(
            Parameter factors, boolean isOwner, boolean scalesInputs, WeightLayout layout) {
        this.factors = factors;
        this.isOwner = isOwner;
        this.scalesInputs = scalesInputs;
        this.layout = layout;
    }

    /** Returns how many factors a weight has. */
    public static long count(Shape weight, boolean scalesInputs, WeightLayout layout) {
        long rows = weight.get(0);
        return isByRow(scalesInputs, layout) ? rows : weight.size() / rows;
    }

    public boolean isByRow() {
        return isByRow(scalesInputs, layout);
    }

    public boolean hasFactorsOf(Rescaling other) {
        return factors.getArray().contentEquals(other.factors.getArray());
    }

    private static boolean isByRow(boolean scalesInputs, WeightLayout layout) {
        return layout.isOutputFirst() != scalesInputs;
    }

    public Parameter factors() {
        return factors;
    }

    public boolean isOwner() {
        return isOwner;
    }

    public boolean scalesInputs() {
        return scalesInputs;
    }

    /** Returns the same factors for the bias of the layer. */
    public Rescaling ofBias() {
        return new Rescaling(factors, false, false, layout);
    }

    @Override
    public PairList<String, Parameter> parameters() {
        PairList<String, Parameter> own = new PairList<>();
        if (isOwner) {
            own.add("ia3_l", factors);
        }
        return own;
    }

    @Override
    public boolean isTrained() {
        return factors.requiresGradient();
    }

    @Override
    public NDArray value(NDArray base, PassValues values) {
        NDArray all = values.of(factors);
        if (base.getShape().dimension() == 1) {
            return all.mul(base);
        }
        NDArray matrix = values.in(base).reshape(base.getShape().get(0), -1);
        Shape along = isByRow() ? new Shape(-1, 1) : new Shape(1, -1);
        return all.reshape(along).mul(matrix).reshape(base.getShape());
    }
}
