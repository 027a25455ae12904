#set( $isImportance = $kind == "importance" )
package ${package};

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.api.spi.StrategyProvider;
import java.util.List;
import java.util.Set;

#if( $isImportance )
/** The strategy {@code ${strategyId}}, by which Engram finds {@link ${className}Importance}. */
public final class ${className}Provider implements StrategyProvider {

    private static final Setting<Double> DECAY =
            Setting.number(
                    "decay", 0.99, 0, 0.99999, "What remains of the average after each step.");

    /** The penalty has a setting of this key: its default is then this one. */
    private static final Setting<Double> LAMBDA =
            Setting.number(
                    "lambda", 0.1, 0, 1e6, "Strength; more holds earlier tasks more firmly.");
#else
/** The strategy {@code ${strategyId}}, by which Engram finds {@link ${className}Guard}. */
public final class ${className}Provider implements StrategyProvider {

    private static final Setting<Double> STRENGTH =
            Setting.number(
                    "strength",
                    0.03,
                    0,
                    1e6,
                    "How firmly the weights are held; with plain SGD it must stay below 1 / learning"
                            + " rate.");
#end

    /** Creates the provider, as {@code ServiceLoader} does. */
    public ${className}Provider() {}

    @Override
    public String id() {
        return "${strategyId}";
    }

    @Override
    public String spiVersion() {
        return SpiVersion.CURRENT;
    }

    @Override
    public String description() {
#if( $isImportance )
        return "Holds weights by a moving average of their squared gradients.";
    }

    /** The runtime joins an importance with the penalty, and its settings with these. */
    @Override
    public Set<String> roles() {
        return Set.of(Role.IMPORTANCE);
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(DECAY, LAMBDA);
    }

    @Override
    public Strategy create(Settings settings) {
        return Strategy.of(new ${className}Importance(settings.get(DECAY)));
    }
#else
        return "Holds the weights near those that the last task ended with.";
    }

    @Override
    public Set<String> roles() {
        return Set.of(Role.PENALTY);
    }

    @Override
    public List<Setting<?>> settings() {
        return List.of(STRENGTH);
    }

    @Override
    public Strategy create(Settings settings) {
        return Strategy.of(new ${className}Guard(settings.get(STRENGTH)));
    }
#end
}
