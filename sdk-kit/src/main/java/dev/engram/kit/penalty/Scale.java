package dev.engram.kit.penalty;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.Stable;
import dev.engram.api.guard.LiveParameter;
import java.util.List;
import java.util.Map;

/** The scale in which λ is stated. */
@Stable(since = "0.1", implementedBy = "nobody")
public enum Scale {
    /** The importance as the estimator gives it; for the Fisher λ = 1 is the Bayesian weight. */
    RAW,
    /**
     * Each task's importance divided by its mean over all elements of all parameters: λ is then the
     * mean stiffness of the penalty, the same for any model, loss and sample size.
     */
    NORMALISED;

    /** Rescales the importance of one task in place; all zeros stay zeros. */
    void apply(List<LiveParameter> parameters, Map<String, NDArray> found, NDManager scratch) {
        if (this == RAW) {
            return;
        }
        double sum = 0;
        long elements = 0;
        for (LiveParameter parameter : parameters) {
            NDArray importance = found.get(parameter.name());
            if (importance != null) {
                sum += Reading.sum(importance, scratch);
                elements += importance.size();
            }
        }
        double mean = sum / elements;
        if (mean > 0) {
            found.values().forEach(importance -> importance.divi(mean));
        }
    }
}
