package dev.engram.scenarios;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Results as JSON: one file a protocol, scenario and choice of settings, in it one entry a strategy
 * with its settings, where its figures come from, and one run a seed.
 *
 * <p>A strategy that is measured again replaces its entry, so that a long measurement can be made
 * in pieces.
 */
public final class ResultFile {

    private static final Gson GSON =
            new GsonBuilder()
                    .setPrettyPrinting()
                    .disableHtmlEscaping()
                    .serializeSpecialFloatingPointValues()
                    .create();
    private static final String ENTRIES = "entries";
    private static final String STRATEGY = "strategy";

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
     * Adds the runs of one strategy, or replaces them, and writes the file.
     *
     * @param settings what was set, by strategy; what is not named here had its default
     * @param runs objects that Gson can write
     * @throws BadInputException if the file holds another protocol, scenario or choice of settings
     */
    public void put(
            String strategy,
            Map<String, Map<String, String>> settings,
            Provenance provenance,
            List<?> runs)
            throws IOException {
        JsonObject all = read();
        JsonArray entries = new JsonArray();
        all.getAsJsonArray(ENTRIES)
                .forEach(
                        entry -> {
                            JsonObject held = entry.getAsJsonObject();
                            if (!held.get(STRATEGY).getAsString().equals(strategy)) {
                                entries.add(held);
                            }
                        });
        JsonObject entry = new JsonObject();
        entry.addProperty(STRATEGY, strategy);
        entry.add("set", GSON.toJsonTree(settings));
        entry.add("from", GSON.toJsonTree(provenance));
        entry.add("runs", GSON.toJsonTree(runs));
        entries.add(entry);
        all.add(ENTRIES, entries);
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
