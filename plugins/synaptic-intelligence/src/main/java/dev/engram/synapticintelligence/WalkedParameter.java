package dev.engram.synapticintelligence;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.engram.synapticintelligence.WalkImportance.WalkSettings;

/** The walk of one parameter: its moving Fisher, and the score of the stretches behind it. */
final class WalkedParameter {

    private final WalkSettings settings;
    private final PathIntegral integral;
    private final NDArray squares;
    private final NDArray score;
    private final NDArray stretchBegin;
    private long steps;
    private int stepsInStretch;

    WalkedParameter(NDArray value, NDManager owner, WalkSettings settings) {
        this.settings = settings;
        this.integral = new PathIntegral(value, owner);
        this.squares = owned(value.zerosLike(), owner);
        this.score = owned(value.zerosLike(), owner);
        this.stretchBegin = owned(value.duplicate(), owner);
    }

    void extend(NDArray gradient, NDArray value) {
        if (stepsInStretch == settings.interval()) {
            settle(value);
        }
        steps++;
        stepsInStretch++;
        integral.extend(gradient, value);
        // Σ α^(t-i) g_i²: the factor that makes it an average is applied when it is read.
        squares.muli(settings.average());
        try (NDArray square = gradient.square()) {
            squares.addi(square);
        }
    }

    /** Ends a stretch at {@code value}. */
    void settle(NDArray value) {
        integral.settle(value);
        if (stepsInStretch == 0) {
            return;
        }
        stepsInStretch = 0;
        NDArray decrease = integral.decrease();
        try (NDArray way = value.sub(stretchBegin);
                NDArray length = way.square()) {
            stretchBegin.addi(way);
            length.muli(squares);
            length.muli(0.5 * averaging());
            length.addi(settings.damping());
            decrease.divi(length);
        }
        score.addi(decrease);
        decrease.subi(decrease);
    }

    double greatestFisher() {
        return greatest(squares) * averaging();
    }

    double greatestScore() {
        return Math.max(0, greatest(score));
    }

    /** Returns the normalised sum; a part that is zero everywhere stays zero. */
    NDArray importance(double greatestFisher, double greatestScore) {
        NDArray importance = score.maximum(0);
        importance.divi(greatestScore > 0 ? greatestScore : 1);
        try (NDArray fisher = squares.mul(averaging())) {
            fisher.divi(greatestFisher > 0 ? greatestFisher : 1);
            importance.addi(fisher);
        }
        return importance;
    }

    /**
     * Returns {@code (1 - α) / (1 - α^t)}: the weights of an average begun at zero then sum to 1.
     */
    private double averaging() {
        return steps == 0
                ? 0
                : (1 - settings.average()) / (1 - Math.pow(settings.average(), (double) steps));
    }

    private static double greatest(NDArray array) {
        try (NDArray greatest = array.max();
                NDArray wide = greatest.toType(DataType.FLOAT64, true)) {
            return wide.getDouble();
        }
    }

    private static NDArray owned(NDArray array, NDManager owner) {
        array.attach(owner);
        return array;
    }
}
