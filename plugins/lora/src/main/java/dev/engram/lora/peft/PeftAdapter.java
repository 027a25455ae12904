package dev.engram.lora.peft;

import ai.djl.ndarray.NDArray;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An adapter as PEFT stores it: its configuration and its tensors, which agree with each other.
 *
 * <p>Module paths are those of the base model in Python, such as {@code
 * bert.encoder.layer.0.attention.self.query}; {@link ModuleNames} leads from them to the parameters
 * of a DJL block. The arrays belong to the manager they were made with.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class PeftAdapter {

    static final String PREFIX = "base_model.model.";

    private static final int LONGEST_NAME = 1_000;
    private static final String WRAPPED_BIAS = ".base_layer.bias";
    private static final String BIAS = ".bias";

    private final PeftConfig config;
    private final Map<String, NDArray> tensors;
    private final Map<String, PeftLayer> layers = new LinkedHashMap<>();
    private final Map<String, NDArray> saved = new LinkedHashMap<>();
    private final @Nullable AdapterSums sums;

    private PeftAdapter(
            PeftConfig config, Map<String, NDArray> tensors, @Nullable AdapterSums sums) {
        this.config = config;
        this.tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        this.sums = sums;
    }

    /**
     * Returns the adapter of a configuration and of tensors under PEFT's names.
     *
     * @throws EngramException naming every tensor that is unknown, missing or of another shape
     */
    public static PeftAdapter of(PeftConfig config, Map<String, NDArray> tensors) {
        return of(config, tensors, null, "The adapter");
    }

    static PeftAdapter of(
            PeftConfig config,
            Map<String, NDArray> tensors,
            @Nullable AdapterSums sums,
            String where) {
        PeftAdapter adapter = new PeftAdapter(config, tensors, sums);
        List<String> problems = adapter.sort();
        adapter.layers
                .values()
                .forEach(layer -> new LayerCheck(layer, config, problems::add).run());
        if (adapter.layers.isEmpty()) {
            problems.add("it adapts no module");
        }
        if (!problems.isEmpty()) {
            throw new EngramException(
                    "%s is not one that Engram can use: its tensors and its configuration do not agree.\n  - %s"
                            .formatted(where, String.join("\n  - ", problems)));
        }
        return adapter;
    }

    /** Starts an adapter from its layers. */
    public static Builder builder(PeftConfig config) {
        return new Builder(config);
    }

    /** Returns the configuration. */
    public PeftConfig config() {
        return config;
    }

    /** Returns all tensors under the names that they have in the file. */
    public Map<String, NDArray> tensors() {
        return tensors;
    }

    /** Returns the adapted modules by their paths. */
    public Map<String, PeftLayer> layers() {
        return Collections.unmodifiableMap(layers);
    }

    /**
     * Returns the base's own parameters that were trained and are stored as a whole, by their paths
     * in the base: those of the modules to save, and biases.
     */
    public Map<String, NDArray> saved() {
        return Collections.unmodifiableMap(saved);
    }

    /**
     * Returns whether the files were compared with their checksums; those that Python wrote have
     * none.
     */
    public boolean isVerified() {
        return sums != null;
    }

    /** Returns the fingerprint of the base that the files state, if they state one. */
    public Optional<String> baseFingerprint() {
        return Optional.ofNullable(sums).flatMap(AdapterSums::base);
    }

    static String savedKey(String parameterPath, Set<String> adapted) {
        boolean wrapped =
                parameterPath.endsWith(BIAS)
                        && adapted.contains(withoutEnding(parameterPath, BIAS));
        return PREFIX
                + (wrapped ? withoutEnding(parameterPath, BIAS) + WRAPPED_BIAS : parameterPath);
    }

    /** Puts each tensor where it belongs, and returns what belongs nowhere. */
    private List<String> sort() {
        List<String> problems = new ArrayList<>();
        tensors.forEach(
                (key, array) -> {
                    if (key.length() > LONGEST_NAME) {
                        problems.add(key.substring(0, 80) + "… is no name of a module");
                    } else if (!key.startsWith(PREFIX)) {
                        problems.add(key + " does not begin with " + PREFIX);
                    } else if (!place(key.substring(PREFIX.length()), array)) {
                        problems.add(unknown(key));
                    }
                });
        return problems;
    }

    private boolean place(String path, NDArray array) {
        if (isDouble(path)) {
            return true;
        }
        Optional<Part> part = Part.of(path);
        if (part.isPresent()) {
            String module = part.get().modulePath(path);
            layers.computeIfAbsent(module, name -> new PeftLayer(name, config))
                    .put(part.get(), array);
        } else if (isModuleToSave(path) || isBias(path)) {
            saved.put(plain(path), array);
        } else {
            return false;
        }
        return true;
    }

    /** With bias "all" PEFT writes those of modules to save twice more, and reads neither. */
    private boolean isDouble(String path) {
        return config.bias().equals("all")
                && (path.endsWith(".modules_to_save" + BIAS)
                        || path.endsWith(".original_module" + BIAS));
    }

    private static String unknown(String key) {
        return key.contains(".base_layer.")
                ? key
                        + " is a weight of the base; save the adapter with"
                        + " save_embedding_layers=False"
                : key + " is unknown, and no module to save has it";
    }

    private boolean isModuleToSave(String path) {
        for (int dot = path.indexOf('.'); dot >= 0; dot = path.indexOf('.', dot + 1)) {
            // PEFT takes the end of a path, be it in the middle of a name.
            if (config.modulesToSave().stream().anyMatch(path.substring(0, dot)::endsWith)) {
                return true;
            }
        }
        return false;
    }

    private boolean isBias(String path) {
        return switch (config.bias()) {
            case "all" -> path.endsWith(BIAS);
            case "lora_only" -> path.endsWith(WRAPPED_BIAS);
            default -> false;
        };
    }

    private static String plain(String path) {
        return path.endsWith(WRAPPED_BIAS) ? withoutEnding(path, WRAPPED_BIAS) + BIAS : path;
    }

    private static String withoutEnding(String text, String ending) {
        return text.substring(0, text.length() - ending.length());
    }

    /** Builds an adapter from its layers; which names they get in the file is PEFT's matter. */
    public static final class Builder {

        private final PeftConfig config;
        private final Map<String, NDArray> tensors = new LinkedHashMap<>();
        private final Map<String, NDArray> saved = new LinkedHashMap<>();
        private final Set<String> adapted = new HashSet<>();

        Builder(PeftConfig config) {
            this.config = config;
        }

        /** Adds A of shape (rank, in) and B of shape (out, rank) of a module. */
        public Builder addLora(String modulePath, NDArray a, NDArray b) {
            return add(Part.LORA_A, modulePath, a).add(Part.LORA_B, modulePath, b);
        }

        /** Adds A of shape (rank, entries) and B of shape (size, rank) of an embedding. */
        public Builder addEmbedding(String modulePath, NDArray a, NDArray b) {
            return add(Part.EMBEDDING_A, modulePath, a).add(Part.EMBEDDING_B, modulePath, b);
        }

        /** Adds the magnitude of a module, one value for each output. */
        public Builder addMagnitude(String modulePath, NDArray magnitude) {
            return add(Part.MAGNITUDE, modulePath, magnitude);
        }

        /** Adds the IA³ vector of a module: (out, 1), or (1, in) for a feedforward module. */
        public Builder addIa3(String modulePath, NDArray vector) {
            return add(Part.IA3, modulePath, vector);
        }

        /** Adds a parameter of the base that is stored as a whole, by its path in the base. */
        public Builder addSaved(String parameterPath, NDArray array) {
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

        private Builder add(Part part, String modulePath, NDArray array) {
            tensors.put(part.key(modulePath), array);
            adapted.add(modulePath);
            return this;
        }
    }
}
