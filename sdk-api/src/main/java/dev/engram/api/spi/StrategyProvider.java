package dev.engram.api.spi;

import dev.engram.api.Stable;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import java.util.List;
import java.util.Set;

/**
 * Names a strategy and creates it from settings.
 *
 * <p>A plug-in must list its implementation in {@code
 * META-INF/services/dev.engram.api.spi.StrategyProvider}; the class must be public with a public
 * constructor without parameters, which must neither train nor touch an engine. All methods are
 * called on the thread that builds the listener. This type grows by default methods only.
 */
@Stable(since = "0.1", implementedBy = "plug-ins")
public interface StrategyProvider {

    /**
     * Returns the id that users write, such as {@code ewc}; must be 1 to 64 lower-case letters a-z,
     * digits and hyphens, because what the strategy remembers is kept in files of that name.
     */
    String id();

    /** Must return {@link SpiVersion#CURRENT} itself, so that the compiler inlines it. */
    String spiVersion();

    /** Returns one sentence for lists of strategies: what it protects, at what cost. */
    String description();

    /** Returns every setting that {@link #create} reads; the runtime refuses all other keys. */
    List<Setting<?>> settings();

    /**
     * Creates the strategy for one listener; called once for each.
     *
     * @param settings checked values, one for each declared setting
     * @throws dev.engram.api.InvalidOptionException if the values do not go together
     */
    Strategy create(Settings settings);

    /**
     * Creates the strategy with the parts of others that its user named; what the runtime calls.
     * Override it where {@link #settings} has a {@link Setting#strategy}.
     *
     * @throws dev.engram.api.InvalidOptionException if the values do not go together
     */
    default Strategy create(Settings settings, StrategyParts parts) {
        return create(settings);
    }

    /**
     * Returns the roles that the strategy plays on a listener, such as {@link Role#REHEARSAL}; they
     * are known before it is created, and need not be stated again by the guard that it makes. One
     * that makes an importance or a source must play {@link Role#IMPORTANCE} or {@link
     * Role#SOURCE}.
     *
     * <p>Two strategies conflict when one plays a role that the other excludes.
     */
    default Set<String> roles() {
        return Set.of();
    }

    /** Returns the roles that no other strategy on the same listener may play. */
    default Set<String> excludedRoles() {
        return Set.of();
    }

    /** Returns what the strategy needs of model and loop, from {@link Need}. */
    default Set<String> needs() {
        return Set.of();
    }
}
