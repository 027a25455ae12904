package dev.engram.assistant.corpus;

import dev.engram.scenarios.command.BadInputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/**
 * The domains in the order in which they arrive; each has outputs of its own on one head.
 *
 * @param domains the domains, first to last
 */
public record Curriculum(List<Domain> domains) {

    /**
     * Takes the first few domains of a shuffled list.
     *
     * @param all the domains as the data has them
     * @param count how many arrive
     * @param seed of the order; 0 keeps that of the data
     */
    public static Curriculum of(List<Domain> all, int count, long seed) {
        if (count < 2 || count > all.size()) {
            throw new BadInputException(
                    "--domains %d: the data has %d; give 2 to %d"
                            .formatted(count, all.size(), all.size()));
        }
        List<Domain> order = new ArrayList<>(all);
        if (seed != 0) {
            Collections.shuffle(order, new Random(seed));
        }
        return new Curriculum(List.copyOf(order.subList(0, count)));
    }

    /** Returns the names of the domains. */
    public List<String> names() {
        return domains.stream().map(Domain::name).toList();
    }

    /** Returns the first output of a domain. */
    public int first(int domain) {
        return domains.subList(0, domain).stream().mapToInt(d -> d.intents().size()).sum();
    }

    /** Returns the output after the last one of a domain. */
    public int end(int domain) {
        return first(domain) + domains.get(domain).intents().size();
    }

    /** Returns how many outputs the head has. */
    public int outputs() {
        return end(domains.size() - 1);
    }
}
