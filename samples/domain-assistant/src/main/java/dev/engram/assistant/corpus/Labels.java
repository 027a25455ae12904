package dev.engram.assistant.corpus;

import dev.engram.scenarios.command.BadInputException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the outputs of a head mean.
 *
 * @param domains of each output
 * @param intents of each output
 */
public record Labels(List<String> domains, List<String> intents) {

    /** Returns the labels of all domains, in the order of their outputs. */
    public static Labels of(Curriculum curriculum) {
        List<String> domains = new ArrayList<>();
        List<String> intents = new ArrayList<>();
        for (Domain domain : curriculum.domains()) {
            for (String intent : domain.intents()) {
                domains.add(domain.name());
                intents.add(intent);
            }
        }
        return new Labels(domains, intents);
    }

    /** Returns the first output of a domain. */
    public int first(String domain) {
        int first = domains.indexOf(domain);
        if (first < 0) {
            throw new BadInputException(
                    "--domain %s: the assistant knows %s"
                            .formatted(domain, domains.stream().distinct().toList()));
        }
        return first;
    }

    /** Returns the output after the last one of a domain. */
    public int end(String domain) {
        first(domain);
        return domains.lastIndexOf(domain) + 1;
    }
}
