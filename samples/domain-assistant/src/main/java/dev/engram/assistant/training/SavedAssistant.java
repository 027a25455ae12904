package dev.engram.assistant.training;

import ai.djl.Model;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import dev.engram.assistant.corpus.Labels;
import dev.engram.assistant.encoder.Architecture;
import dev.engram.djl.ForgettingListener;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.command.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What must be known beside the weights to ask a model anything; {@code assistant.json}.
 *
 * @param architecture of the model
 * @param scenario in which it was trained
 * @param labels of its outputs
 * @param strategies under which it was trained, with their settings
 */
public record SavedAssistant(
        Architecture architecture,
        Scenario scenario,
        Labels labels,
        Map<String, Map<String, String>> strategies) {

    static final String MEMORY = "memory";
    public static final String CHOOSER = "chooser.safetensors";

    private static final String NAME = "assistant";
    private static final String FILE = NAME + ".json";
    private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();

    /** Reads what {@link #write} wrote. */
    public static SavedAssistant read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            throw new BadInputException(
                    "--model %s has no %s; give a folder that train --out wrote, one for each strategy"
                            .formatted(folder, FILE));
        }
        SavedAssistant saved;
        try {
            saved = GSON.fromJson(Files.readString(file), SavedAssistant.class);
        } catch (JsonParseException e) {
            throw damaged(file);
        }
        // Gson leaves what the file does not have.
        if (saved == null
                || (Object) saved.architecture == null
                || (Object) saved.scenario == null
                || (Object) saved.labels == null
                || (Object) saved.strategies == null) {
            throw damaged(file);
        }
        return saved;
    }

    private static BadInputException damaged(Path file) {
        return new BadInputException(file + " is damaged: train again with another --out");
    }

    /** Writes this and the model. */
    void write(Path folder, Model model) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve(FILE), GSON.toJson(this));
        model.save(folder, NAME);
    }

    /** Returns what protected the model, with its memory; nothing if nothing did. */
    public @Nullable ForgettingListener memory(Path folder) {
        return strategies.isEmpty()
                ? null
                : Comparison.listener(strategies, folder.resolve(MEMORY));
    }

    /** Reads the model. */
    public Model model(Path folder) throws IOException {
        return architecture.load(folder, NAME, labels.intents().size());
    }
}
