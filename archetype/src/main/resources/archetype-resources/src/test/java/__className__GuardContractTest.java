package ${package};

import dev.engram.djl.ForgettingListener;
import dev.engram.tck.GuardContract;
import java.util.List;

#if( $kind == "importance" )
/** Rules G1 to G13, as users have it: joined with the penalty. */
#else
/** Rules G1 to G13. What a guard cannot do it says by overriding a method of the contract. */
#end
class ${className}GuardContractTest extends GuardContract {

    @Override
    protected ForgettingListener.Builder addTo(ForgettingListener.Builder builder) {
        return builder.addStrategy("${strategyId}");
    }

    @Override
    protected String name() {
        return "${strategyId}";
    }

    @Override
    protected List<Class<?>> perBatchTypes() {
        return List.of(${className}#if( $kind == "importance" )Importance#{else}Guard#end.class);
    }
}
