package dev.engram.release;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;

/** The rules of a contract test, as its tests are called. */
final class ContractRules {

    private static final Pattern RULE = Pattern.compile("([A-Z])(\\d+) (MUST|SHOULD): (.+)");

    private ContractRules() {}

    /** Returns a table of them, in the order of their numbers. */
    static List<String> table(Class<?> contract) {
        List<String> rows =
                Arrays.stream(contract.getDeclaredMethods())
                        .map(method -> method.getAnnotation(DisplayName.class))
                        .filter(Objects::nonNull)
                        .map(rule -> parts(contract, rule.value()))
                        .sorted(Comparator.comparing(rule -> Integer.valueOf(rule.group(2))))
                        .map(ContractRules::row)
                        .toList();
        return Stream.concat(Stream.of("| rule | | |", "| --- | --- | --- |"), rows.stream())
                .toList();
    }

    private static MatchResult parts(Class<?> contract, String rule) {
        return RULE.matcher(rule)
                .results()
                .findFirst()
                .orElseThrow(() -> new AssertionError("%s: %s".formatted(contract, rule)));
    }

    private static String row(MatchResult rule) {
        return "| %s%s | %s | %s |"
                .formatted(rule.group(1), rule.group(2), rule.group(3), rule.group(4));
    }
}
