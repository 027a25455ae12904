package dev.engram.benchmark.text;

import dev.engram.scenarios.command.BadInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Weights that the same training would give again.
 *
 * @param folder null: none are kept
 * @param name of the training
 */
record KeptWeights(@Nullable Path folder, String name) {

    /** Gives a model the weights, by training it if there are none; returns the seconds it took. */
    double of(TextModel model, DoubleSupplier training) {
        if (folder == null) {
            return training.getAsDouble();
        }
        Path file = folder.resolve(name + ".params");
        try {
            if (Files.exists(file)) {
                model.load(Files.readAllBytes(file));
                return 0;
            }
            double seconds = training.getAsDouble();
            Files.createDirectories(folder);
            Files.write(file, model.weights());
            return seconds;
        } catch (IOException e) {
            throw new BadInputException("--work %s: %s".formatted(file, e.getMessage()), e);
        }
    }
}
