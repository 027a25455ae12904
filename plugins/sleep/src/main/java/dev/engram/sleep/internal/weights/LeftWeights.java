package dev.engram.sleep.internal.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The weights that the last trainings left in a directory, a file each, the older the lower its
 * number.
 */
public final class LeftWeights {

    private static final Logger LOG = LoggerFactory.getLogger(LeftWeights.class);
    private static final Pattern NAME = Pattern.compile("left-(\\d{1,9})\\.safetensors");
    private static final String OF_NOTHING = "00";

    private final Path directory;

    /** Creates the view of a directory, which need not be there. */
    public LeftWeights(Path directory) {
        this.directory = directory;
    }

    /**
     * Adds weights.
     *
     * @param most how many of them stay; the oldest go
     */
    public void add(Map<String, NDArray> weights, int most) {
        List<Integer> numbers = numbers();
        int next = numbers.isEmpty() ? 1 : numbers.get(numbers.size() - 1) + 1;
        file(next).write(weights, OF_NOTHING);
        numbers.subList(0, Math.max(0, numbers.size() + 1 - most))
                .forEach(number -> file(number).delete());
    }

    /** Returns which there are, the oldest first. */
    public List<Integer> numbers() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> NAME.matcher(file.getFileName().toString()))
                    .filter(Matcher::matches)
                    .map(name -> Integer.parseInt(name.group(1)))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new EngramException("%s cannot be read: %s".formatted(directory, e), e);
        }
    }

    /** Reads one of them; one that is damaged counts for nothing. */
    public Optional<Map<String, NDArray>> read(int number, NDManager owner) {
        try {
            return file(number).read(owner).map(WeightsFile.Kept::weights);
        } catch (EngramException e) {
            LOG.warn("It teaches nothing: {}", e.getMessage());
            return Optional.empty();
        }
    }

    private WeightsFile file(int number) {
        return new WeightsFile(directory.resolve("left-" + number + ".safetensors"));
    }
}
