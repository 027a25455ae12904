package dev.engram.config;

import java.util.Comparator;
import java.util.List;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** The key that somebody meant who wrote another one. */
final class Nearest {

    private Nearest() {}

    static String of(String seen, List<String> known) {
        return known.stream()
                .min(
                        Comparator.comparingInt(
                                key -> LevenshteinDistance.getDefaultInstance().apply(seen, key)))
                .orElseThrow();
    }
}
