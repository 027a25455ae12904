package dev.engram.kit.provider;

import dev.engram.api.Stable;
import dev.engram.api.spi.StrategyProvider;
import java.util.Set;

/**
 * A provider that is told by its id, its description and its roles.
 *
 * <p>It leaves {@link #spiVersion} to the plug-in, in whose class the compiler must put the version
 * that the plug-in was built for.
 */
@Stable(since = "0.1", implementedBy = "plug-ins")
public abstract class DescribedProvider implements StrategyProvider {

    private final String id;
    private final String description;
    private final Set<String> roles;
    private final Set<String> excluded;

    /**
     * Creates the provider.
     *
     * @param roles what it plays
     * @param excluded what no other may play on the same listener
     */
    protected DescribedProvider(
            String id, String description, Set<String> roles, Set<String> excluded) {
        this.id = id;
        this.description = description;
        this.roles = Set.copyOf(roles);
        this.excluded = Set.copyOf(excluded);
    }

    @Override
    public final String id() {
        return id;
    }

    @Override
    public final String description() {
        return description;
    }

    @Override
    public Set<String> roles() {
        return roles;
    }

    @Override
    public Set<String> excludedRoles() {
        return excluded;
    }
}
