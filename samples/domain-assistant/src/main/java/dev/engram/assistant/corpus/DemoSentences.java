package dev.engram.assistant.corpus;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Three small domains of the sample's own, from {@code demo.txt}: lines {@code domain | intent |
 * sentence}. Every fourth sentence of an intent is for the test.
 */
public final class DemoSentences {

    private static final int EVERY = 4;

    private DemoSentences() {}

    /** Reads the domains. */
    public static List<Domain> read() {
        Map<String, Map<String, List<String>>> all = new LinkedHashMap<>();
        for (String line : lines()) {
            String[] cells = line.split("\\s*\\|\\s*", 3);
            all.computeIfAbsent(cells[0], domain -> new LinkedHashMap<>())
                    .computeIfAbsent(cells[1], intent -> new ArrayList<>())
                    .add(cells[2]);
        }
        return all.entrySet().stream()
                .map(entry -> domain(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static Domain domain(String name, Map<String, List<String>> intents) {
        List<Sentence> train = new ArrayList<>();
        List<Sentence> test = new ArrayList<>();
        List<String> names = List.copyOf(intents.keySet());
        for (int intent = 0; intent < names.size(); intent++) {
            List<String> texts = intents.getOrDefault(names.get(intent), List.of());
            for (int i = 0; i < texts.size(); i++) {
                boolean isTest = i % EVERY == EVERY - 1;
                (isTest ? test : train).add(new Sentence(texts.get(i), intent));
            }
        }
        return new Domain(name, names, train, test);
    }

    private static List<String> lines() {
        try (InputStream in = DemoSentences.class.getResourceAsStream("demo.txt");
                BufferedReader reader =
                        new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return reader.lines().filter(line -> !line.isBlank()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
