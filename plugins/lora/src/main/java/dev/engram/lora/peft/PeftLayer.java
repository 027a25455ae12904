package dev.engram.lora.peft;

import ai.djl.ndarray.NDArray;
import dev.engram.api.Experimental;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** What an adapter holds for one module. The arrays belong to the manager they were made with. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class PeftLayer {

    private final String modulePath;
    private final PeftConfig config;
    private final Map<Part, NDArray> parts = new EnumMap<>(Part.class);

    PeftLayer(String modulePath, PeftConfig config) {
        this.modulePath = modulePath;
        this.config = config;
    }

    void put(Part part, NDArray array) {
        parts.put(part, array);
    }

    Map<Part, NDArray> parts() {
        return parts;
    }

    /** Returns the path of the module in the base model. */
    public String modulePath() {
        return modulePath;
    }

    /** Returns whether the module is an embedding: A is then (rank, entries). */
    public boolean isEmbedding() {
        return parts.containsKey(Part.EMBEDDING_A);
    }

    /** Returns A of shape (rank, in); nothing for IA³. */
    public Optional<NDArray> a() {
        return get(Part.LORA_A).or(() -> get(Part.EMBEDDING_A));
    }

    /** Returns B of shape (out, rank); nothing for IA³. */
    public Optional<NDArray> b() {
        return get(Part.LORA_B).or(() -> get(Part.EMBEDDING_B));
    }

    /** Returns DoRA's magnitude, one value for each output. */
    public Optional<NDArray> magnitude() {
        return get(Part.MAGNITUDE);
    }

    /** Returns IA³'s vector: (out, 1), or (1, in) where {@link #isFeedforward}. */
    public Optional<NDArray> ia3() {
        return get(Part.IA3);
    }

    /** Returns whether IA³'s vector scales the input of the module instead of its output. */
    public boolean isFeedforward() {
        return ia3().isPresent() && config.feedforward(modulePath);
    }

    /** Returns the rank. */
    public int rank() {
        return config.rank(modulePath);
    }

    /** Returns the factor of {@code B·A}. */
    public double scaling() {
        return config.scaling(modulePath);
    }

    private Optional<NDArray> get(Part part) {
        return Optional.ofNullable(parts.get(part));
    }
}
