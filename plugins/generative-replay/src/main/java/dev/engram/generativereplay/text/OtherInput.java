package dev.engram.generativereplay.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a model takes beside the tokens, such as a mask: every text is given it as a sample without
 * padding has it.
 *
 * @param places one number a token
 */
record OtherInput(DataType type, List<Double> places) {

    private static final Set<DataType> KNOWN =
            EnumSet.of(DataType.INT32, DataType.INT64, DataType.FLOAT32, DataType.BOOLEAN);

    /** Returns whether an input could be one beside tokens of some shape. */
    static boolean fits(NDArray input, Shape tokens) {
        return KNOWN.contains(input.getDataType()) && input.getShape().equals(tokens);
    }

    /** Takes the most of any sample for each place: the mask's ones; waits for the device. */
    static OtherInput of(NDArray input) {
        try (NDManager call = input.getManager().newSubManager()) {
            NDArray numbers = input.toType(DataType.INT64, true);
            numbers.attach(call);
            if (input.getDataType() == DataType.FLOAT32 && !isWhole(input, numbers)) {
                throw new EngramException(
                        "Self-rehearsal makes inputs beside the tokens of whole numbers, such as a"
                                + " mask's, but one of them has others");
            }
            long[] most = numbers.max(new int[] {0}).toLongArray();
            return new OtherInput(
                    input.getDataType(),
                    Arrays.stream(most).mapToObj(one -> (double) one).toList());
        }
    }

    private static boolean isWhole(NDArray input, NDArray numbers) {
        try (NDArray again = numbers.toType(DataType.FLOAT32, true)) {
            return again.contentEquals(input);
        }
    }

    OtherInput cut(int most) {
        return new OtherInput(type, places.subList(0, Math.min(most, places.size())));
    }

    /** Returns it for some texts of some tokens; the manager owns it. */
    NDArray of(long texts, int length, NDManager manager) {
        float[] row = new float[length];
        for (int i = 0; i < length; i++) {
            row[i] = places.get(i).floatValue();
        }
        return manager.create(row, new Shape(1, length)).repeat(0, texts).toType(type, false);
    }

    String written() {
        return type + ":" + places.stream().map(String::valueOf).collect(Collectors.joining(","));
    }

    static OtherInput read(String written) {
        String[] parts = written.split(":", -1);
        return new OtherInput(
                DataType.valueOf(parts[0].toUpperCase(Locale.ROOT)),
                Arrays.stream(parts[1].split(",", -1)).map(Double::valueOf).toList());
    }
}
