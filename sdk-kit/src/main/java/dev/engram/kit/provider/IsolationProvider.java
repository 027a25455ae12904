package dev.engram.kit.provider;

import dev.engram.api.Stable;
import dev.engram.api.spi.Role;
import java.util.Set;

/**
 * A provider of parameters of each task's own. A penalty on weights has nothing to hold where the
 * base is frozen.
 */
@Stable(since = "0.1", implementedBy = "plug-ins")
public abstract class IsolationProvider extends DescribedProvider {

    /** Creates the provider. */
    protected IsolationProvider(String id, String description) {
        super(id, description, Set.of(Role.ISOLATION), Set.of(Role.ISOLATION, Role.PENALTY));
    }
}
