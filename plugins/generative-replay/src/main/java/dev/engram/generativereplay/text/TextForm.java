package dev.engram.generativereplay.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What the samples of a language model have in common.
 *
 * @param length how many tokens a sample has
 * @param ahead by how many places a label is ahead of its token: 1, or 0 where the loss itself
 *     compares each answer with the next token
 * @param others what the model takes beside the tokens
 */
record TextForm(
        DataType inputType, int length, DataType labelType, int ahead, List<OtherInput> others) {

    private static final int TWO = 2;
    private static final int WORDS = 4;

    /**
     * Returns the form of a batch, whose labels are taken for the next tokens; reads nothing from
     * the device.
     *
     * @param labels empty where there are none
     * @throws EngramException if the batch is no text
     */
    static TextForm of(String task, NDList data, NDList labels) {
        requireText(task, data, labels);
        NDArray ids = data.head();
        DataType labelType = labels.isEmpty() ? ids.getDataType() : labels.head().getDataType();
        return new TextForm(
                ids.getDataType(), Math.toIntExact(ids.getShape().get(1)), labelType, 1, List.of());
    }

    private static void requireText(String task, NDList data, NDList labels) {
        if (data.isEmpty() || labels.size() > 1 || !isText(data.head()) || !isBeside(data)) {
            throw refusal(
                    task,
                    data,
                    labels,
                    "token numbers, INT32 or INT64 of shape (batch, length), and beside them at"
                            + " most inputs of that shape, such as a mask");
        }
        if (!labels.isEmpty() && !labels.head().getShape().equals(data.head().getShape())) {
            throw refusal(task, data, labels, "one label for each token");
        }
    }

    private static boolean isText(NDArray ids) {
        Shape shape = ids.getShape();
        DataType type = ids.getDataType();
        boolean areNumbers = type == DataType.INT32 || type == DataType.INT64;
        return areNumbers && shape.dimension() == TWO && shape.get(1) > 1;
    }

    private static boolean isBeside(NDList data) {
        Shape tokens = data.head().getShape();
        return data.stream().skip(1).allMatch(other -> OtherInput.fits(other, tokens));
    }

    private static EngramException refusal(String task, NDList data, NDList labels, String wanted) {
        return new EngramException(
                "Self-rehearsal lets a language model write its own text: it takes %s, but task \"%s\" has inputs %s and labels %s. Take mixture for amounts, or er with a store of its own"
                        .formatted(wanted, task, describe(data), describe(labels)));
    }

    private static String describe(NDList arrays) {
        return arrays.stream()
                .map(array -> array.getDataType() + " " + array.getShape())
                .toList()
                .toString();
    }

    /** Returns the same, with labels of other places. */
    TextForm labelled(int places) {
        return new TextForm(inputType, length, labelType, places, others);
    }

    /** Returns the same, with what is beside the tokens of a batch; waits for the device. */
    TextForm beside(NDList data) {
        List<OtherInput> own = data.stream().skip(1).map(OtherInput::of).toList();
        return new TextForm(inputType, length, labelType, ahead, own);
    }

    /** Returns the same of texts of so many tokens at most. */
    TextForm cut(int most) {
        List<OtherInput> shorter = others.stream().map(other -> other.cut(most)).toList();
        return new TextForm(inputType, Math.min(length, most), labelType, ahead, shorter);
    }

    /** Returns how many tokens are written for a sample. */
    int tokens() {
        return length + ahead;
    }

    /** Returns what the model takes of texts, one a row. */
    NDList inputs(NDArray texts) {
        return inputs(texts, length);
    }

    /** Returns what the model takes of the beginnings of texts, one a row. */
    NDList inputs(NDArray texts, int upTo) {
        NDList inputs = new NDList(texts.get(":,0:" + upTo).toType(inputType, false));
        for (OtherInput other : others) {
            inputs.add(other.of(texts.getShape().get(0), upTo, texts.getManager()));
        }
        return inputs;
    }

    /** Returns what the loss takes of texts, one a row. */
    NDArray labels(NDArray texts) {
        return texts.get(":," + ahead + ":" + tokens()).toType(labelType, false);
    }

    /** Returns how many bytes a sample takes as the loop has it, without its label. */
    long bytes() {
        return (long) length * inputType.getNumOfBytes();
    }

    String written() {
        List<String> words =
                new ArrayList<>(
                        List.of(
                                inputType.toString(),
                                String.valueOf(length),
                                labelType.toString(),
                                String.valueOf(ahead)));
        others.forEach(other -> words.add(other.written()));
        return String.join(" ", words);
    }

    static TextForm read(String written) {
        String[] words = written.split(" ", -1);
        return new TextForm(
                type(words[0]),
                Integer.parseInt(words[1]),
                type(words[2]),
                Integer.parseInt(words[3]),
                Arrays.stream(words).skip(WORDS).map(OtherInput::read).toList());
    }

    private static DataType type(String word) {
        return DataType.valueOf(word.toUpperCase(Locale.ROOT));
    }
}
