package dev.engram.onnx.internal.operator.arithmetic;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.array.Axes;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.OperatorTable;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Sums of products over named axes; each pair of arrays is one product of matrices. */
public final class Einsum {

    private final Map<Character, Long> sizes = new HashMap<>();

    private Einsum() {}

    /** An array whose axes have names. */
    private record Named(String axes, NDArray array) {}

    public static void register(OperatorTable table) {
        table.single("Einsum", 12, call -> new Einsum().run(call));
    }

    private NDArray run(Call call) {
        String equation = call.attributes().text("equation", "").replace(" ", "");
        String[] sides = equation.split("->", -1);
        String[] terms = sides[0].split(",", -1);
        if (terms.length != call.inputs()) {
            throw new OnnxException(call.node() + ": \"" + equation + "\" does not fit its inputs");
        }
        int wide =
                IntStream.range(0, terms.length)
                        .map(i -> open(terms[i], call.array(i)))
                        .max()
                        .orElse(0);
        String result = sides.length > 1 ? sides[1] : implied(sides[0]);
        return product(call, terms, result.replace("...", ellipsis(wide)), wide);
    }

    private NDArray product(Call call, String[] terms, String result, int wide) {
        Named product = null;
        for (int i = 0; i < terms.length; i++) {
            NDArray array = call.array(i);
            Named next = diagonal(terms[i].replace("...", ellipsis(open(terms[i], array))), array);
            String needed = result + rest(terms, i, wide);
            product = product == null ? summed(next, needed) : multiplied(product, next, needed);
        }
        if (product == null) {
            throw new OnnxException(call.node() + " has no inputs");
        }
        return ordered(summed(product, result), result);
    }

    private static int open(String term, NDArray array) {
        return term.contains("...") ? array.getShape().dimension() - (term.length() - 3) : 0;
    }

    /** Names of the axes that the dots stand for, counted from the last. */
    private static String ellipsis(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> String.valueOf((char) ('0' + count - 1 - i)))
                .collect(Collectors.joining());
    }

    private static String implied(String left) {
        String letters = left.replace(",", "").replace(".", "");
        String once =
                letters.chars()
                        .filter(c -> letters.indexOf(c) == letters.lastIndexOf(c))
                        .sorted()
                        .mapToObj(Character::toString)
                        .collect(Collectors.joining());
        return left.contains("...") ? "..." + once : once;
    }

    private static String rest(String[] terms, int done, int wide) {
        StringBuilder rest = new StringBuilder();
        for (int i = done + 1; i < terms.length; i++) {
            rest.append(terms[i].replace("...", ellipsis(wide)));
        }
        return rest.toString();
    }

    /** Keeps only the diagonal of axes with the same name. */
    private Named diagonal(String axes, NDArray array) {
        for (int i = 0; i < axes.length(); i++) {
            int again = axes.indexOf(axes.charAt(i), i + 1);
            if (again >= 0) {
                String left =
                        new StringBuilder(axes).deleteCharAt(again).deleteCharAt(i).toString();
                return diagonal(left + axes.charAt(i), array.diagonal(0, i, again));
            }
            long size = array.getShape().get(i);
            sizes.merge(axes.charAt(i), size, Math::max);
        }
        return new Named(axes, array);
    }

    private static Named summed(Named term, String needed) {
        int[] gone =
                IntStream.range(0, term.axes().length())
                        .filter(i -> needed.indexOf(term.axes().charAt(i)) < 0)
                        .toArray();
        NDArray array = gone.length == 0 ? term.array() : term.array().sum(gone);
        return new Named(kept(term.axes(), needed), array);
    }

    private static String kept(String axes, String needed) {
        return axes.chars()
                .filter(c -> needed.indexOf(c) >= 0)
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }

    private static String without(String axes, String gone) {
        return axes.chars()
                .filter(c -> gone.indexOf(c) < 0)
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }

    private Named multiplied(Named a, Named b, String needed) {
        Named left = summed(a, needed + b.axes());
        Named right = summed(b, needed + a.axes());
        String shared = kept(left.axes(), right.axes());
        String batch = kept(shared, needed);
        String inner = without(shared, needed);
        String rows = without(left.axes(), shared);
        String columns = without(right.axes(), shared);
        NDArray first = block(left, batch, rows, inner);
        NDArray second = block(right, batch, inner, columns);
        NDArray product = first.matMul(second);
        String axes = batch + rows + columns;
        long[] dims = axes.chars().mapToLong(c -> sizes.getOrDefault((char) c, 1L)).toArray();
        return new Named(axes, product.reshape(new Shape(dims)));
    }

    /** Three axes: those of the batch, those of the rows, those of the columns. */
    private NDArray block(Named term, String batch, String rows, String columns) {
        NDArray array = ordered(term, batch + rows + columns);
        long[] dims =
                (batch + rows + columns)
                        .chars()
                        .mapToLong(c -> sizes.getOrDefault((char) c, 1L))
                        .toArray();
        NDArray full = Axes.stretch(array, new Shape(dims));
        return full.reshape(new Shape(product(batch), product(rows), product(columns)));
    }

    private long product(String axes) {
        return axes.chars()
                .mapToLong(c -> sizes.getOrDefault((char) c, 1L))
                .reduce(1, (a, b) -> a * b);
    }

    private static NDArray ordered(Named term, String axes) {
        if (term.axes().equals(axes)) {
            return term.array();
        }
        if (term.axes().length() != axes.length()) {
            throw new OnnxException(
                    String.format(Locale.ROOT, "Einsum: %s is no order of %s", axes, term.axes()));
        }
        int[] order = axes.chars().map(c -> term.axes().indexOf(c)).toArray();
        return term.array().transpose(order);
    }
}
