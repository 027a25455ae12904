package dev.engram.kit.compose;

import ai.djl.nn.Block;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** The only implementation of {@link ComposedModel}. */
record FinishedComposition(Block block, List<String> problems, String blocksSeen)
        implements ComposedModel {

    static List<String> problems(
            Set<Place> needs, Collection<SeenPlace> places, Collection<SeenPlace> outOfReach) {
        List<String> problems = new ArrayList<>();
        for (SeenPlace hidden : outOfReach) {
            if (needs.contains(hidden.place())) {
                problems.add(outOfReach(hidden));
            }
        }
        for (Place need : needs.stream().sorted().toList()) {
            if (places.stream().noneMatch(seen -> seen.place() == need)) {
                problems.add("no place %s was found".formatted(need));
            }
        }
        return List.copyOf(problems);
    }

    private static String outOfReach(SeenPlace hidden) {
        return "the place %s in \"%s\" is out of reach: it is inside %s, whose children cannot be replaced"
                .formatted(hidden.place(), hidden.path(), hidden.inside());
    }
}
