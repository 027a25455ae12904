package dev.engram.kit.provider;

import dev.engram.api.Stable;
import dev.engram.api.spi.Role;
import java.util.Set;

/** A provider of a penalty, of which a listener takes one of each kind. */
@Stable(since = "0.1", implementedBy = "plug-ins")
public abstract class PenaltyProvider extends DescribedProvider {

    /**
     * Creates the provider.
     *
     * @param kind a role of the plug-in's own, such as {@code fisher-penalty}
     */
    protected PenaltyProvider(String id, String description, String kind) {
        super(id, description, Set.of(Role.PENALTY, kind), Set.of(kind));
    }
}
