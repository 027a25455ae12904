package dev.engram.onnx.internal.program;

import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.model.Graph;
import dev.engram.onnx.internal.model.Node;
import org.jspecify.annotations.Nullable;

/** How many rounds a loop may run. */
public final class LoopLimit {

    /** Above this a loop is taken for one that never ends; each round is kept for autograd. */
    private static final long MOST_ROUNDS = 100_000;

    private LoopLimit() {}

    /** Refuses a step that is a loop of too many rounds if the file states how many. */
    public static void requireEnd(Step step, @Nullable Value[] frame) {
        Node node = step.node();
        int rounds = step.inputs().length == 0 ? -1 : step.inputs()[0];
        Value stated = rounds < 0 ? null : frame[rounds];
        if (node.type().equals("Loop") && node.domain().isEmpty() && stated != null) {
            requireEnd(node, stated.longs()[0]);
        }
    }

    /** Many rounds are refused at once unless the body decides when to stop. */
    public static void requireEnd(Node node, long rounds) {
        if (rounds > MOST_ROUNDS
                && !node.attributes().graph("body").filter(LoopLimit::stops).isPresent()) {
            throw new OnnxException(
                    "%s is to run %d rounds, and nothing in it stops before; at most %d are run"
                            .formatted(node, rounds, MOST_ROUNDS));
        }
    }

    /** Whether what the body gives as its condition is more than what it got, or a constant. */
    private static boolean stops(Graph body) {
        String condition = body.outputs().get(0).name();
        for (int i = body.nodes().size() - 1; i >= 0; i--) {
            Node node = body.nodes().get(i);
            if (node.outputs().contains(condition)) {
                if (!node.type().equals("Identity")) {
                    return !node.type().equals("Constant");
                }
                condition = node.inputs().get(0);
            }
        }
        return false;
    }

    public static void requireFew(Node node, long round) {
        if (round > MOST_ROUNDS) {
            throw new OnnxException(
                    "%s did not end after %d rounds; no more are run".formatted(node, MOST_ROUNDS));
        }
    }
}
