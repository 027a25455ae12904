package dev.engram.assistant.corpus;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import com.google.gson.reflect.TypeToken;
import dev.engram.scenarios.command.BadInputException;
import java.io.IOException;
import java.io.Reader;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads CLINC150 (Larson et al. 2019) from a folder with {@code data_full.json} and {@code
 * domains.json}.
 *
 * <p>Whatever is missing or damaged ends in a {@link BadInputException} that names the file and the
 * place in it.
 */
public final class ClincFolder {

    private static final String SENTENCES = "data_full.json";
    private static final String DOMAINS = "domains.json";
    private static final Type SENTENCES_TYPE =
            new TypeToken<LinkedHashMap<String, List<List<String>>>>() {}.getType();
    private static final Type DOMAINS_TYPE =
            new TypeToken<LinkedHashMap<String, List<String>>>() {}.getType();

    private final Path folder;

    public ClincFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Reads all domains.
     *
     * @param tested the part of the data that becomes {@link Domain#test}: {@code test}, or {@code
     *     val} to choose settings by
     */
    public List<Domain> read(String tested) {
        if (!Files.isDirectory(folder)) {
            throw new BadInputException(
                    "--data %s is not a folder; give the one with CLINC150's %s and %s"
                            .formatted(folder, SENTENCES, DOMAINS));
        }
        Map<String, List<String>> intents = parse(DOMAINS, DOMAINS_TYPE);
        Map<String, List<List<String>>> parts = parse(SENTENCES, SENTENCES_TYPE);
        Map<String, List<Sentence>> train = byDomain("train", parts, intents);
        Map<String, List<Sentence>> test = byDomain(tested, parts, intents);
        List<Domain> domains = new ArrayList<>();
        intents.forEach(
                (name, own) ->
                        domains.add(
                                new Domain(
                                        name,
                                        List.copyOf(own),
                                        some("train", name, train),
                                        some(tested, name, test))));
        return domains;
    }

    private <T> Map<String, T> parse(String file, Type type) {
        Path path = folder.resolve(file);
        if (!Files.isRegularFile(path)) {
            throw new BadInputException(
                    "%s has no %s; CLINC150's folder holds %s and %s"
                            .formatted(folder, file, SENTENCES, DOMAINS));
        }
        Map<String, T> parsed;
        try (Reader reader = Files.newBufferedReader(path)) {
            parsed = new Gson().fromJson(reader, type);
        } catch (IOException | JsonParseException e) {
            throw new BadInputException(
                    "%s is damaged: %s; fetch it anew".formatted(path, e.getMessage()), e);
        }
        if (parsed == null || parsed.isEmpty()) {
            throw new BadInputException("%s is empty; fetch it anew".formatted(path));
        }
        return parsed;
    }

    private Map<String, List<Sentence>> byDomain(
            String part, Map<String, List<List<String>>> parts, Map<String, List<String>> intents) {
        List<List<String>> pairs = parts.get(part);
        if (pairs == null) {
            throw new BadInputException(
                    "%s has no part \"%s\", only %s"
                            .formatted(folder.resolve(SENTENCES), part, parts.keySet()));
        }
        Map<String, String> domainOf = new HashMap<>();
        intents.forEach((domain, own) -> own.forEach(intent -> domainOf.put(intent, domain)));
        Map<String, List<Sentence>> sentences = new HashMap<>();
        for (int i = 0; i < pairs.size(); i++) {
            List<String> pair = requirePair(part, i, pairs.get(i));
            String domain = requireDomain(part, i, pair.get(1), domainOf);
            int intent = intents.getOrDefault(domain, List.of()).indexOf(pair.get(1));
            sentences
                    .computeIfAbsent(domain, name -> new ArrayList<>())
                    .add(new Sentence(pair.get(0), intent));
        }
        return sentences;
    }

    private List<String> requirePair(String part, int index, List<String> pair) {
        if (pair == null || pair.size() != 2 || pair.contains(null)) {
            throw new BadInputException(
                    "%s, %s[%d] is %s; a sentence and its intent belong there"
                            .formatted(folder.resolve(SENTENCES), part, index, pair));
        }
        return pair;
    }

    private String requireDomain(
            String part, int index, String intent, Map<String, String> domainOf) {
        String domain = domainOf.get(intent);
        if (domain == null) {
            throw new BadInputException(
                    "%s, %s[%d] has the intent \"%s\", which no domain of %s has"
                            .formatted(folder.resolve(SENTENCES), part, index, intent, DOMAINS));
        }
        return domain;
    }

    private List<Sentence> some(String part, String domain, Map<String, List<Sentence>> all) {
        List<Sentence> own = all.get(domain);
        if (own == null) {
            throw new BadInputException(
                    "%s, %s has no sentence of the domain \"%s\""
                            .formatted(folder.resolve(SENTENCES), part, domain));
        }
        return List.copyOf(own);
    }
}
