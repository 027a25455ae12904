package ${package};

import dev.engram.djl.ForgettingListenerBuilder;
import dev.engram.tck.GuardContract;
import java.util.List;

/** Rules G1 to G13. What a guard cannot do it says by overriding a method of the contract. */
class ${className}GuardContractTest extends GuardContract {

    @Override
    protected ForgettingListenerBuilder addTo(ForgettingListenerBuilder builder) {
        return builder.addStrategy("${strategyId}");
    }

    @Override
    protected String name() {
        return "${strategyId}";
    }

    @Override
    protected List<Class<?>> perBatchTypes() {
        return List.of(${className}Guard.class);
    }
}
