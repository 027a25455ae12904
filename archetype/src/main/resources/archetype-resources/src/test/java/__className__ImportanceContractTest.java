package ${package};

import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.tck.EstimatorContract;

/** Rules E1 to E10. What an importance cannot do it says by overriding a method of the contract. */
class ${className}ImportanceContractTest extends EstimatorContract {

    @Override
    protected ImportanceEstimator estimator() {
        return new ${className}Importance(0.99);
    }

    @Override
    protected boolean listensToSteps() {
        return true;
    }
}
