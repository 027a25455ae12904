package dev.engram.release;

import dev.engram.api.settings.Setting;
import dev.engram.api.spi.StrategyProvider;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The parts of a strategy's page that its code says, between marks such as {@code <!-- settings
 * -->} and {@code <!-- /settings -->}; all else is written by hand.
 */
final class StrategyPage {

    private static final GeneratedPart FACTS = new GeneratedPart("facts");
    private static final GeneratedPart SETTINGS = new GeneratedPart("settings");
    private static final double SHORT = 1e7;

    private final StrategyProvider strategy;
    private final Collection<StrategyProvider> all;

    StrategyPage(String id, Collection<StrategyProvider> all) {
        this.all = all;
        this.strategy = all.stream().filter(one -> one.id().equals(id)).findFirst().orElseThrow();
    }

    /** Returns a page on which all that is written by hand is missing. */
    static List<String> empty(String id) {
        List<String> lines = new ArrayList<>(List.of("# `" + id + "`", ""));
        for (GeneratedPart part : List.of(FACTS, SETTINGS)) {
            lines.addAll(List.of(part.begin(), part.end(), ""));
        }
        return lines.subList(0, lines.size() - 1);
    }

    /** Returns a page with its parts made anew; marks that are missing are an error. */
    List<String> over(List<String> page) {
        return SETTINGS.replaced(FACTS.replaced(page, facts()), settings());
    }

    private List<String> facts() {
        String others =
                all.stream()
                        .filter(other -> other != strategy)
                        .filter(other -> excludes(strategy, other) || excludes(other, strategy))
                        .map(other -> "`" + other.id() + "`")
                        .sorted()
                        .collect(Collectors.joining(", "));
        String artifact = "Artifact `dev.engram:" + Modules.artifact(module()) + "`.";
        return List.of(others.isEmpty() ? artifact : artifact + " Not beside " + others + ".");
    }

    private static boolean excludes(StrategyProvider one, StrategyProvider other) {
        return !Collections.disjoint(one.excludedRoles(), other.roles());
    }

    /** Classes lie in target/classes of their module, or in a jar in target. */
    private Path module() {
        try {
            Path classes =
                    Path.of(
                            strategy.getClass()
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI());
            return classes.getParent().getParent();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<String> settings() {
        List<String> table = new ArrayList<>();
        table.add("| setting | unless set | write | what it is |");
        table.add("| --- | --- | --- | --- |");
        strategy.settings().forEach(setting -> table.add(row(setting)));
        return table;
    }

    private static <T> String row(Setting<T> setting) {
        String purpose = setting.purpose();
        String sentence = purpose.endsWith(".") ? purpose : purpose + ".";
        return "| `%s` | %s | %s | %s |"
                .formatted(
                        setting.key(),
                        unlessSet(setting),
                        setting.accepts().replace("|", "\\|"),
                        sentence.replace("|", "\\|"));
    }

    private static <T> String unlessSet(Setting<T> setting) {
        T value = setting.defaultValue();
        String text = value instanceof Double number ? spell(number) : setting.format(value);
        return text.isEmpty() ? "nothing" : "`" + text + "`";
    }

    private static String spell(double number) {
        boolean isShort = number == Math.rint(number) && Math.abs(number) < SHORT;
        return isShort
                ? String.valueOf((long) number)
                : String.valueOf(number).replace(".0E", "e").replace('E', 'e');
    }
}
