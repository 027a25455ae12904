package dev.engram.onnx.adapter;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What one task learnt: a pair for each adapted weight. Immutable. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class OnnxAdapter {

    private final Map<String, LowRankPair> pairs;
    private final @Nullable String base;
    private final int version;

    private OnnxAdapter(Map<String, LowRankPair> pairs, @Nullable String base, int version) {
        this.pairs = Collections.unmodifiableMap(new LinkedHashMap<>(pairs));
        this.base = base;
        this.version = version;
    }

    /** Starts an adapter of no pairs that does not say which base it is for. */
    public static Builder builder() {
        return new Builder(null);
    }

    /** Starts an adapter for a model; it will be refused by others. */
    public static Builder builder(AdapterSlots slots) {
        return new Builder(slots);
    }

    /** Returns the pairs by the names of the weights. */
    public Map<String, LowRankPair> pairs() {
        return pairs;
    }

    /** Returns the SHA-256 of the base that it was trained on, if it states one. */
    public Optional<String> baseFingerprint() {
        return Optional.ofNullable(base);
    }

    /** Returns the adapter's own version, which its maker counts. */
    public int version() {
        return version;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OnnxAdapter adapter
                && version == adapter.version
                && Objects.equals(base, adapter.base)
                && pairs.equals(adapter.pairs);
    }

    @Override
    public int hashCode() {
        return Objects.hash(pairs, base, version);
    }

    /** Collects pairs. Not safe for concurrent use. */
    public static final class Builder {

        private final Map<String, LowRankPair> pairs = new LinkedHashMap<>();
        private final @Nullable AdapterSlots slots;
        private @Nullable String base;
        private int version = 1;

        private Builder(@Nullable AdapterSlots slots) {
            this.slots = slots;
            this.base = slots == null ? null : slots.baseFingerprint();
        }

        /** States the SHA-256 of the base. */
        public Builder optBase(String fingerprint) {
            this.base = fingerprint;
            return this;
        }

        /** Sets the adapter's own version, 1 by default. */
        public Builder optVersion(int number) {
            this.version = number;
            return this;
        }

        /**
         * Adds the pair of a weight.
         *
         * @throws EngramException if the weight has one
         */
        public Builder addPair(String weight, LowRankPair pair) {
            if (pairs.putIfAbsent(weight, pair) != null) {
                throw new EngramException("The weight " + weight + " already has its pair");
            }
            return this;
        }

        /**
         * Adds {@code scale · left·right} to a weight as it is stored, as LoRA in DJL learns it;
         * see {@link AdapterSlot#pair}.
         *
         * @throws IllegalStateException if the builder was not made for a model
         */
        public Builder addUpdate(String weight, FloatMatrix left, FloatMatrix right, double scale) {
            if (slots == null) {
                throw new IllegalStateException(
                        "How " + weight + " is stored is known to its model: use builder(slots)");
            }
            return addPair(weight, slots.slot(weight).pair(left, right, scale));
        }

        /**
         * Returns the adapter.
         *
         * @throws EngramException if it has no pair, or does not fit the model that it is for
         */
        public OnnxAdapter build() {
            if (pairs.isEmpty()) {
                throw new EngramException("The adapter adapts nothing: add a pair");
            }
            OnnxAdapter adapter = new OnnxAdapter(pairs, base, version);
            if (slots != null) {
                slots.require(adapter);
            }
            return adapter;
        }
    }
}
