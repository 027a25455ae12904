package dev.engram.lora.peft;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.kit.files.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and writes adapters as PEFT lays them out: a folder with {@code adapter_config.json} and
 * {@code adapter_model.safetensors}, which {@code PeftModel.from_pretrained} loads.
 *
 * <p>Engram puts {@code engram.sha256} beside them, with the SHA-256 of both files and the
 * fingerprint of the base. Folders from Python have no such file and are read without it.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class PeftFiles {

    private static final Logger LOGGER = LoggerFactory.getLogger(PeftFiles.class);
    private static final String SHA_256 = "[0-9a-f]{64}";

    private PeftFiles() {}

    /**
     * Reads an adapter. Tensors of F16 and BF16 become FLOAT32.
     *
     * @throws EngramException if a file is missing, damaged or made to do harm, or if the adapter
     *     asks for what Engram does not do, naming each file, key and tensor; no array is left then
     */
    public static PeftAdapter read(Path folder, NDManager manager) {
        return readFrom(folder, manager, null);
    }

    /**
     * Reads an adapter and checks that it was made for a base with this {@linkplain BaseFingerprint
     * fingerprint}; an adapter that states none is taken, with a warning.
     *
     * @throws EngramException as {@link #read(Path, NDManager)}, and if it states another base
     */
    public static PeftAdapter read(Path folder, NDManager manager, String baseFingerprint) {
        return readFrom(folder, manager, baseFingerprint);
    }

    /**
     * Writes an adapter. A folder that exists keeps its other files; at any byte where the process
     * dies, {@link #read} gives the earlier adapter or this one. In Python that holds for a new
     * folder only: what reads an existing one while it is written may see old values with the new
     * configuration. One process may write at a time.
     *
     * @throws EngramException if it cannot be written
     */
    public static void write(PeftAdapter adapter, Path folder) {
        writeTo(adapter, folder, null);
    }

    /**
     * Writes an adapter and the {@linkplain BaseFingerprint fingerprint} of the base that it was
     * trained on, otherwise like {@link #write(PeftAdapter, Path)}.
     *
     * @throws EngramException if the fingerprint is no SHA-256 in lower-case hexadecimal
     */
    public static void write(PeftAdapter adapter, Path folder, String baseFingerprint) {
        writeTo(adapter, folder, baseFingerprint);
    }

    private static PeftAdapter readFrom(Path folder, NDManager manager, @Nullable String base) {
        try {
            AdapterFolder files = new AdapterFolder(folder);
            Optional<AdapterSums> sums = files.sums();
            report(folder, sums, base);
            AdapterFolder.Found found = files.files(sums);
            PeftConfig config =
                    PeftConfig.of(StrictJson.read(found.config()), found.config().toString());
            return read(config, found.tensors(), manager, sums.orElse(null));
        } catch (IOException e) {
            throw new EngramException(
                    "Cannot read the adapter in %s (%s): give the folder that PEFT or write(...) made, and the right to read it"
                            .formatted(folder, e),
                    e);
        }
    }

    private static PeftAdapter read(
            PeftConfig config, Path file, NDManager manager, @Nullable AdapterSums sums)
            throws IOException {
        Map<String, NDArray> tensors = Safetensors.readAsFloat(file, manager);
        try {
            return PeftAdapter.of(config, tensors, sums, "The adapter in " + file);
        } catch (EngramException e) {
            tensors.values().forEach(NDArray::close);
            throw e;
        }
    }

    private static void report(Path folder, Optional<AdapterSums> sums, @Nullable String base) {
        Optional<String> stated = sums.flatMap(AdapterSums::base);
        if (sums.isEmpty()) {
            LOGGER.info("{} has no {}: its files are read unverified", folder, AdapterSums.FILE);
        }
        if (base != null && stated.isEmpty()) {
            LOGGER.warn("{} does not say which base it is for: it is taken as it is", folder);
        } else if (base != null && !base.equals(stated.get())) {
            throw new EngramException(
                    "%s was made for the base %s, but this one is %s: use the weights that it was trained on"
                            .formatted(folder, stated.get(), base));
        }
    }

    private static void writeTo(PeftAdapter adapter, Path folder, @Nullable String base) {
        if (base != null && !base.matches(SHA_256)) {
            throw new EngramException(
                    "The base's fingerprint is '%s'; it must be a SHA-256 in lower-case hexadecimal, such as BaseFingerprint.of returns"
                            .formatted(base));
        }
        try {
            new AdapterFolder(folder).write(adapter, base);
        } catch (IOException e) {
            throw new EngramException(
                    "Cannot write the adapter to %s (%s): give a folder that this process may write, on a disk with room"
                            .formatted(folder, e),
                    e);
        }
    }
}
