package dev.engram.sleep.internal.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.kit.files.AtomicReplacement;
import dev.engram.kit.files.Safetensors;
import dev.engram.kit.files.Sha256;
import dev.engram.kit.files.Uninterrupted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Weights in a file, with the checksum of the weights from which they were learnt and one of their
 * own: whoever reads them gets all of them as they were written, or is told that they are damaged.
 */
public final class WeightsFile {

    private static final String ABOUT = "about/";
    private static final String BASE = ABOUT + "base";
    private static final String SUM = ABOUT + "sum";

    private final Path path;

    /** Creates the view of a file, which need not be there. */
    public WeightsFile(Path path) {
        this.path = path;
    }

    /** Returns the path. */
    public Path path() {
        return path;
    }

    /**
     * Writes it, in one step as others see it; an interrupt is noticed when that is done.
     *
     * @param base the checksum of the weights from which these were learnt
     */
    public void write(Map<String, NDArray> weights, String base) {
        if (weights.isEmpty()) {
            throw new IllegalStateException("no weights");
        }
        try (NDManager manager = weights.values().iterator().next().getManager().newSubManager()) {
            Map<String, NDArray> all = new LinkedHashMap<>();
            all.put(BASE, bytes(base, manager));
            all.put(SUM, bytes(sum(weights, base), manager));
            all.putAll(weights);
            Uninterrupted.get(
                    () -> {
                        Files.createDirectories(path.toAbsolutePath().getParent());
                        AtomicReplacement.write(path, out -> Safetensors.write(all, out));
                        return true;
                    });
        } catch (IOException e) {
            throw new EngramException(
                    "%s cannot be written: %s. Make room there, or name another directory (optDirectory)."
                            .formatted(path, e),
                    e);
        }
    }

    /**
     * Reads it, if it is there.
     *
     * @param manager owns the weights
     * @throws EngramException if it is damaged, naming it
     */
    public Optional<Kept> read(NDManager manager) {
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        Map<String, NDArray> all = tensors(manager);
        NDArray base = all.remove(BASE);
        NDArray sum = all.remove(SUM);
        if (base == null || sum == null) {
            throw damaged("it does not say of which weights it is");
        }
        Kept kept = new Kept(hex(base), all);
        if (!sum(all, kept.base()).equals(hex(sum))) {
            throw damaged("its checksum is another one than that of its values");
        }
        return Optional.of(kept);
    }

    private Map<String, NDArray> tensors(NDManager manager) {
        try {
            return Safetensors.read(path, manager);
        } catch (IOException e) {
            throw damaged(e.toString());
        }
    }

    private EngramException damaged(String why) {
        return new EngramException(
                "%s is damaged: %s. Delete it: the model is as it was, and what it held can be learnt again."
                        .formatted(path, why));
    }

    /** Removes it, if it is there. */
    public void delete() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new EngramException("%s cannot be deleted: %s".formatted(path, e), e);
        }
    }

    private static String sum(Map<String, NDArray> weights, String base) {
        Sha256 sum = Sha256.begin().put(base);
        new TreeMap<>(weights).forEach((name, value) -> sum.put(name).put(value.toByteBuffer()));
        return sum.hex();
    }

    private static NDArray bytes(String hex, NDManager manager) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        return manager.create(ByteBuffer.wrap(bytes), new Shape(bytes.length), DataType.UINT8);
    }

    private static String hex(NDArray bytes) {
        try (bytes) {
            return HexFormat.of().formatHex(bytes.toByteArray());
        }
    }

    /**
     * What a file held.
     *
     * @param base the checksum of the weights from which these were learnt
     */
    public record Kept(String base, Map<String, NDArray> weights) {}
}
