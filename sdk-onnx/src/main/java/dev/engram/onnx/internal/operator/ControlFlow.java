package dev.engram.onnx.internal.operator;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.array.Native;
import dev.engram.onnx.internal.program.Call;
import dev.engram.onnx.internal.program.LoopLimit;
import dev.engram.onnx.internal.program.OperatorTable;
import dev.engram.onnx.internal.program.Value;
import java.util.ArrayList;
import java.util.List;

/** Graphs inside nodes: one of two, or one again and again. */
final class ControlFlow {

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
            LoopLimit.requireFew(call.node(), round);
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
        LoopLimit.requireEnd(call.node(), rounds);
        return rounds;
    }

    private static List<Value> state(Call call) {
        List<Value> state = new ArrayList<>();
        for (int i = 2; i < call.inputs(); i++) {
            state.add(call.value(i));
        }
        return state;
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
