package dev.engram.kit.compose;

import ai.djl.nn.Block;
import dev.engram.api.EngramException;
import dev.engram.api.Stable;
import java.util.ArrayList;
import java.util.List;

/** A model composed anew, and what stood in the way. */
@Stable(since = "0.1", implementedBy = "Engram")
public interface ComposedModel {

    /** Returns the model with what was put inside, or the original if nothing was. */
    Block block();

    /** Returns, one sentence each, why {@link Insertion#needs} are not met; empty if they are. */
    List<String> problems();

    /** Returns the kinds of blocks seen, with their paths, and how to teach Engram another. */
    String blocksSeen();

    /**
     * Returns {@link #block} unless there are problems.
     *
     * @param who whose needs they are, such as {@code adapters}
     * @param further problems that the caller found
     * @throws EngramException with all problems and {@link #blocksSeen}
     */
    default Block orThrow(String who, List<String> further) {
        List<String> all = new ArrayList<>(problems());
        all.addAll(further);
        if (all.isEmpty()) {
            return block();
        }
        throw new EngramException(
                "\"%s\" does not suit this model:\n  - %s\n%s"
                        .formatted(who, String.join("\n  - ", all), blocksSeen()));
    }
}
