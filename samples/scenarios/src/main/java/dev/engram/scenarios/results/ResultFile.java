package dev.engram.scenarios.results;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.engram.scenarios.command.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Results as JSON: one file a protocol, scenario and choice of settings, in it entries of a
 * strategy with its settings, where its figures come from, and one run a seed.
 *
 * <p>A long measurement can be made in pieces: seeds that are measured later are added, as an entry
 * of their own where commit or command differ, and a seed that is measured again replaces its run.
 * Runs of a strategy with other settings than before replace all of it.
 */
public final class ResultFile {

    private static final Gson GSON =
            new GsonBuilder()
                    .setPrettyPrinting()
                    .disableHtmlEscaping()
                    .serializeSpecialFloatingPointValues()
                    .create();
    private static final String ENTRIES = "entries";
    private static final String SET = "set";
    private static final String FROM = "from";
    private static final String SEED = "seed";
    private static final Integer NO_SEED = Integer.MIN_VALUE;

    static final String STRATEGY = "strategy";
    static final String RUNS = "runs";

    private final Path file;
    private final Map<String, String> head;

    /**
     * Creates a view of a file, which need not be there.
     *
     * @param head what all entries have in common: protocol, scenario, settings
     */
    public ResultFile(Path file, Map<String, String> head) {
        this.file = file;
        this.head = new TreeMap<>(head);
    }

    /**
     * Adds runs of one strategy, or replaces them, and writes the file.
     *
     * @param settings what was set, by strategy; what is not named here had its default
     * @param runs objects that Gson can write; those without a seed replace all of the strategy
     * @throws BadInputException if the file holds another protocol, scenario or choice of settings
     */
    public void put(
            String strategy,
            Map<String, Map<String, String>> settings,
            Provenance provenance,
            List<?> runs)
            throws IOException {
        JsonObject entry = new JsonObject();
        entry.addProperty(STRATEGY, strategy);
        entry.add(SET, GSON.toJsonTree(settings));
        entry.add(FROM, GSON.toJsonTree(provenance));
        entry.add(RUNS, GSON.toJsonTree(runs));
        JsonObject all = read();
        JsonArray entries = new JsonArray();
        all.getAsJsonArray(ENTRIES)
                .forEach(held -> keep(held.getAsJsonObject(), entry).forEach(entries::add));
        entries.add(entry);
        // Removed before it is added, so that it comes last: long matrices under short figures.
        all.remove(ENTRIES);
        all.add("summary", ResultSummary.of(entries));
        all.add(ENTRIES, entries);
        write(all);
    }

    /**
     * Returns whether a run is there with these very settings.
     *
     * @throws BadInputException if the file holds another protocol, scenario or choice of settings
     */
    public boolean holds(String strategy, Map<String, Map<String, String>> settings, int seed)
            throws IOException {
        JsonElement set = GSON.toJsonTree(settings);
        for (JsonElement element : read().getAsJsonArray(ENTRIES)) {
            JsonObject held = element.getAsJsonObject();
            if (held.get(STRATEGY).getAsString().equals(strategy)
                    && held.get(SET).equals(set)
                    && seeds(held).contains(seed)) {
                return true;
            }
        }
        return false;
    }

    /** Returns what stays of a held entry; runs of the same origin go into the new one. */
    private static List<JsonObject> keep(JsonObject held, JsonObject entry) {
        if (!held.get(STRATEGY).equals(entry.get(STRATEGY))) {
            return List.of(held);
        }
        Set<Integer> again = seeds(entry);
        if (!held.get(SET).equals(entry.get(SET)) || again.isEmpty()) {
            return List.of();
        }
        JsonArray others = new JsonArray();
        held.getAsJsonArray(RUNS).asList().stream()
                .filter(run -> !again.contains(seed(run)))
                .forEach(others::add);
        if (held.get(FROM).equals(entry.get(FROM))) {
            others.addAll(entry.getAsJsonArray(RUNS));
            entry.add(RUNS, others);
            return List.of();
        }
        held.add(RUNS, others);
        return others.isEmpty() ? List.of() : List.of(held);
    }

    private static Set<Integer> seeds(JsonObject entry) {
        Set<Integer> seeds = new HashSet<>();
        entry.getAsJsonArray(RUNS).forEach(run -> seeds.add(seed(run)));
        seeds.remove(NO_SEED);
        return seeds;
    }

    private static int seed(JsonElement run) {
        JsonElement seed = run.getAsJsonObject().get(SEED);
        return seed == null ? NO_SEED : seed.getAsInt();
    }

    private void write(JsonObject all) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        Files.writeString(file, GSON.toJson(all) + System.lineSeparator());
    }

    private JsonObject read() throws IOException {
        JsonObject fresh = new JsonObject();
        head.forEach(fresh::addProperty);
        fresh.add(ENTRIES, new JsonArray());
        if (!Files.exists(file)) {
            return fresh;
        }
        JsonObject held = parse(Files.readString(file));
        for (Map.Entry<String, String> stated : head.entrySet()) {
            boolean same =
                    held.has(stated.getKey())
                            && held.get(stated.getKey()).getAsString().equals(stated.getValue());
            if (!same) {
                throw new BadInputException(
                        "%s holds other results (%s is not %s): write to another file"
                                .formatted(file, stated.getKey(), stated.getValue()));
            }
        }
        return held;
    }

    private JsonObject parse(String text) {
        try {
            JsonObject held = JsonParser.parseString(text).getAsJsonObject();
            if (held.get(ENTRIES) instanceof JsonArray) {
                return held;
            }
        } catch (JsonParseException | IllegalStateException e) {
            throw new BadInputException(
                    "%s is no file of results (%s): name another".formatted(file, e.getMessage()),
                    e);
        }
        throw new BadInputException(file + " is no file of results: name another");
    }
}
