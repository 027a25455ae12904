package dev.engram.generativereplay.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import java.util.Locale;

/**
 * What the samples of a language model have in common.
 *
 * @param length how many tokens a sample has
 * @param ahead by how many places a label is ahead of its token: 1, or 0 where the loss itself
 *     compares each answer with the next token
 */
record TextForm(DataType inputType, int length, DataType labelType, int ahead) {

    private static final int TWO = 2;

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
                ids.getDataType(), Math.toIntExact(ids.getShape().get(1)), labelType, 1);
    }

    private static void requireText(String task, NDList data, NDList labels) {
        if (data.size() != 1 || labels.size() > 1 || !isText(data.head())) {
            throw refusal(
                    task,
                    data,
                    labels,
                    "one input of token numbers, INT32 or INT64 of shape (batch, length)");
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
        return new TextForm(inputType, length, labelType, places);
    }

    /** Returns the same of texts of so many tokens at most. */
    TextForm cut(int most) {
        return new TextForm(inputType, Math.min(length, most), labelType, ahead);
    }

    /** Returns how many tokens are written for a sample. */
    int tokens() {
        return length + ahead;
    }

    /** Returns what the model takes of texts, one a row. */
    NDArray inputs(NDArray texts) {
        return texts.get(":,0:" + length).toType(inputType, false);
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
        return String.join(
                " ",
                inputType.toString(),
                String.valueOf(length),
                labelType.toString(),
                String.valueOf(ahead));
    }

    static TextForm read(String written) {
        String[] words = written.split(" ", -1);
        return new TextForm(
                type(words[0]),
                Integer.parseInt(words[1]),
                type(words[2]),
                Integer.parseInt(words[3]));
    }

    private static DataType type(String word) {
        return DataType.valueOf(word.toUpperCase(Locale.ROOT));
    }
}
