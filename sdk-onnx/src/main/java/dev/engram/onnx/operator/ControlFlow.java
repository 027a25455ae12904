package dev.engram.onnx.operator;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.graph.Graph;
import dev.engram.onnx.graph.Node;
import dev.engram.onnx.graph.OnnxException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Graphs inside nodes: one of two, or one again and again. */
final class ControlFlow {

    /** Above this a loop is taken for one that never ends; each round is kept for autograd. */
    private static final long MOST_ROUNDS = 100_000;

    private ControlFlow() {}

    static void register(OperatorTable table) {
        table.add("If", 1, ControlFlow::choose);
        table.add("Loop", 1, ControlFlow::loop);
    }

    private static NDList choose(Call call) {
        String branch = call.longs(0)[0] != 0 ? "then_branch" : "else_branch";
        return call.body(branch)
                .runInside(List.of(), call.captured(), call.manager(), call.training());
    }

    private static NDList loop(Call call) {
        long rounds = rounds(call);
        boolean again = !call.has(1) || call.longs(1)[0] != 0;
        List<Value> state = state(call);
        int carried = state.size();
        List<NDList> scans = new ArrayList<>();
        for (long round = 0; again && round < rounds; round++) {
            requireFew(call.node(), round);
            NDList results = round(call, state, round);
            again = Value.ofBatch(results.head()).longs()[0] != 0;
            for (int i = 0; i < carried; i++) {
                state.set(i, Value.ofBatch(results.get(i + 1)));
            }
            scans.add(new NDList(results.subList(carried + 1, results.size())));
        }
        return results(call, state, scans);
    }

    private static long rounds(Call call) {
        long rounds = call.has(0) ? call.longs(0)[0] : Long.MAX_VALUE;
        requireEnd(call.node(), rounds);
        return rounds;
    }

    private static List<Value> state(Call call) {
        List<Value> state = new ArrayList<>();
        for (int i = 2; i < call.inputs(); i++) {
            state.add(call.value(i));
        }
        return state;
    }

    /** Refuses a step that is a loop of too many rounds if the file states how many. */
    static void requireEnd(Step step, @Nullable Value[] frame) {
        Node node = step.node();
        int rounds = step.inputs().length == 0 ? -1 : step.inputs()[0];
        Value stated = rounds < 0 ? null : frame[rounds];
        if (node.type().equals("Loop") && node.domain().isEmpty() && stated != null) {
            requireEnd(node, stated.longs()[0]);
        }
    }

    /** Many rounds are refused at once unless the body decides when to stop. */
    private static void requireEnd(Node node, long rounds) {
        if (rounds > MOST_ROUNDS
                && !node.attributes().graph("body").filter(ControlFlow::stops).isPresent()) {
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

    private static void requireFew(Node node, long round) {
        if (round > MOST_ROUNDS) {
            throw new OnnxException(
                    "%s did not end after %d rounds; no more are run".formatted(node, MOST_ROUNDS));
        }
    }

    private static NDList round(Call call, List<Value> state, long round) {
        List<Value> given = new ArrayList<>();
        given.add(Value.ofBatch(Native.longs(call.manager(), new Shape(), round)));
        given.add(Value.ofBatch(Native.number(1, DataType.BOOLEAN, call.manager())));
        given.addAll(state);
        return call.body("body").runInside(given, call.captured(), call.manager(), call.training());
    }

    private static NDList results(Call call, List<Value> state, List<NDList> scans) {
        NDList results = new NDList();
        state.forEach(value -> results.add(value.on(call.device())));
        for (int i = results.size(); i < call.outputs(); i++) {
            int scan = i - state.size();
            if (scans.isEmpty()) {
                throw new OnnxException(
                        call.node() + " collects an output of each round, but has no rounds");
            }
            NDList parts = new NDList();
            scans.forEach(round -> parts.add(round.get(scan)));
            NDArray stacked = NDArrays.stack(parts, 0);
            results.add(stacked);
        }
        return results;
    }
}
