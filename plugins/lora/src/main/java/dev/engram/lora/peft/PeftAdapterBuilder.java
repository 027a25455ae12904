package dev.engram.lora.peft;

import ai.djl.ndarray.NDArray;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Builds an adapter from its layers; which names they get in the file is PEFT's matter. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class PeftAdapterBuilder {

    private final PeftConfig config;
    private final Map<String, NDArray> tensors = new LinkedHashMap<>();
    private final Map<String, NDArray> saved = new LinkedHashMap<>();
    private final Set<String> adapted = new HashSet<>();

    PeftAdapterBuilder(PeftConfig config) {
        this.config = config;
    }

    /** Adds A of shape (rank, in) and B of shape (out, rank) of a module. */
    public PeftAdapterBuilder addLora(String modulePath, NDArray a, NDArray b) {
        return add(Part.LORA_A, modulePath, a).add(Part.LORA_B, modulePath, b);
    }

    /** Adds A of shape (rank, entries) and B of shape (size, rank) of an embedding. */
    public PeftAdapterBuilder addEmbedding(String modulePath, NDArray a, NDArray b) {
        return add(Part.EMBEDDING_A, modulePath, a).add(Part.EMBEDDING_B, modulePath, b);
    }

    /** Adds the magnitude of a module, one value for each output. */
    public PeftAdapterBuilder addMagnitude(String modulePath, NDArray magnitude) {
        return add(Part.MAGNITUDE, modulePath, magnitude);
    }

    /** Adds the IA³ vector of a module: (out, 1), or (1, in) for a feedforward module. */
    public PeftAdapterBuilder addIa3(String modulePath, NDArray vector) {
        return add(Part.IA3, modulePath, vector);
    }

    /** Adds a parameter of the base that is stored as a whole, by its path in the base. */
    public PeftAdapterBuilder addSaved(String parameterPath, NDArray array) {
        saved.put(parameterPath, array);
        return this;
    }

    /**
     * Returns the adapter.
     *
     * @throws EngramException naming every tensor that does not fit the configuration
     */
    public PeftAdapter build() {
        Map<String, NDArray> all = new LinkedHashMap<>(tensors);
        saved.forEach((path, array) -> all.put(PeftAdapter.savedKey(path, adapted), array));
        return PeftAdapter.of(config, all);
    }

    private PeftAdapterBuilder add(Part part, String modulePath, NDArray array) {
        tensors.put(part.key(modulePath), array);
        adapted.add(modulePath);
        return this;
    }
}
