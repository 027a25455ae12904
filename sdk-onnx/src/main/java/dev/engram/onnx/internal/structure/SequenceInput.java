package dev.engram.onnx.internal.structure;

import ai.djl.ndarray.NDArray;
import dev.engram.onnx.graph.GraphValue;
import java.util.Locale;
import java.util.Set;
import java.util.stream.LongStream;

/** What an input says of the positions of a sequence, by its name, of shape (batch, sequence). */
public enum SequenceInput {
    /** The tokens: a new position holds the first one again, which is never padding. */
    TOKENS {
        @Override
        public NDArray filler(NDArray first, long place, long positions) {
            return first.repeat(1, positions);
        }
    },
    /** One for what is seen, as new positions are. */
    MASK {
        @Override
        public NDArray filler(NDArray first, long place, long positions) {
            return first.onesLike().repeat(1, positions);
        }
    },
    /** The kind of each token: a new position has that of the first. */
    TYPES {
        @Override
        public NDArray filler(NDArray first, long place, long positions) {
            return first.repeat(1, positions);
        }
    },
    /** The number of each position: later ones move up. */
    POSITIONS {
        @Override
        public NDArray filler(NDArray first, long place, long positions) {
            NDArray up =
                    first.getManager().create(LongStream.range(place, place + positions).toArray());
            return first.add(
                    up.toType(first.getDataType(), false).toDevice(first.getDevice(), false));
        }

        @Override
        public NDArray later(NDArray rest, long positions) {
            return rest.add(positions);
        }
    },
    /** Nothing that is known. */
    OTHER {
        @Override
        public NDArray filler(NDArray first, long place, long positions) {
            throw new IllegalStateException("Nothing is known of this input");
        }
    };

    private static final Set<String> MASKS =
            Set.of("mask", "input_mask", "attention_mask", "attn_mask");

    public static SequenceInput of(GraphValue input) {
        String name = input.name().toLowerCase(Locale.ROOT);
        if (MASKS.contains(name)) {
            return MASK;
        }
        if (name.contains("position")) {
            return POSITIONS;
        }
        return name.contains("type") || name.contains("segment") ? TYPES : OTHER;
    }

    /**
     * Returns what new positions hold.
     *
     * @param first (batch, 1), that of the first position
     * @param place how many positions stand before the new ones
     */
    public abstract NDArray filler(NDArray first, long place, long positions);

    /** Returns what the positions after new ones hold. */
    public NDArray later(NDArray rest, long positions) {
        return rest;
    }
}
