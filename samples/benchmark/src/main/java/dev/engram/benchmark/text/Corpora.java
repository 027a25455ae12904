package dev.engram.benchmark.text;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import com.google.gson.reflect.TypeToken;
import dev.engram.scenarios.command.BadInputException;
import java.io.IOException;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * The plays of tinyshakespeare and the requests of CLINC150, in characters of one alphabet.
 *
 * @param vocabulary how many characters there are
 */
record Corpora(Corpus plays, Corpus requests, int vocabulary) {

    private static final String PLAYS = "tinyshakespeare/input.txt";
    private static final String REQUESTS = "clinc150/data_full.json";
    private static final Type PARTS =
            new TypeToken<LinkedHashMap<String, List<List<String>>>>() {}.getType();

    /**
     * Reads both.
     *
     * @param validates whether settings are chosen: what is measured on is then another part
     */
    static Corpora read(Path folder, boolean validates) {
        String plays = plays(folder.resolve(PLAYS));
        Map<String, List<List<String>>> parts = parts(folder.resolve(REQUESTS));
        String train = joined(parts, "train");
        String test = joined(parts, validates ? "val" : "test");
        int[] alphabet = (plays + train + test).chars().distinct().sorted().toArray();
        int[] all = numbers(plays, alphabet);
        int tenth = all.length / 20;
        int from = all.length - (validates ? 2 : 1) * tenth;
        Corpus first =
                new Corpus(
                        "plays",
                        Arrays.copyOf(all, all.length - 2 * tenth),
                        Arrays.copyOfRange(all, from, from + tenth));
        Corpus second = new Corpus("requests", numbers(train, alphabet), numbers(test, alphabet));
        return new Corpora(first, second, alphabet.length);
    }

    private static int[] numbers(String text, int[] alphabet) {
        return text.chars().map(letter -> Arrays.binarySearch(alphabet, letter)).toArray();
    }

    private static String plays(Path file) {
        require(file);
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new BadInputException("%s cannot be read: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static Map<String, List<List<String>>> parts(Path file) {
        require(file);
        try (var reader = Files.newBufferedReader(file)) {
            return new Gson().fromJson(reader, PARTS);
        } catch (IOException | JsonParseException e) {
            throw new BadInputException("%s is damaged: %s".formatted(file, e.getMessage()), e);
        }
    }

    private static void require(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new BadInputException(
                    "There is no %s: --data takes a folder that has %s and %s"
                            .formatted(file, PLAYS, REQUESTS));
        }
    }

    /** The file has them by intent; mixed, a window sees several. */
    private static String joined(Map<String, List<List<String>>> parts, String part) {
        List<String> sentences = new ArrayList<>();
        parts.getOrDefault(part, List.of()).forEach(pair -> sentences.add(pair.get(0)));
        Collections.shuffle(sentences, new Random(1));
        return sentences.stream().collect(Collectors.joining("\n"));
    }
}
