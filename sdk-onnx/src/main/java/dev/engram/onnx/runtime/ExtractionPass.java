package dev.engram.onnx.runtime;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.engram.api.EngramException;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One run of a model over all rows of its inputs, some rows at a time. */
final class ExtractionPass {

    private final List<NodeInfo> inputs;
    private final List<NodeInfo> outputs;
    private final OutputShapes shapes;
    private final CutCheck cut;
    private final NDManager owner;

    private final List<TensorRows> given = new ArrayList<>();
    private final List<TensorRows> made = new ArrayList<>();

    ExtractionPass(
            List<NodeInfo> inputs,
            List<NodeInfo> outputs,
            OutputShapes shapes,
            CutCheck cut,
            NDManager owner) {
        this.inputs = inputs;
        this.outputs = outputs;
        this.shapes = shapes;
        this.cut = cut;
        this.owner = owner;
    }

    NDList run(OrtSession session, NDList arrays, long batchSize) throws OrtException {
        long rows = arrays.head().getShape().dimension() == 0 ? 1 : arrays.head().size(0);
        boolean done = false;
        try {
            take(arrays, rows);
            long fixed = fixedRows(rows);
            runAll(
                    session,
                    rows,
                    fixed > 0 ? fixed : Math.max(1, Math.min(rows, batchSize)),
                    fixed > 0);
            made.forEach(TensorRows::finish);
            done = true;
            return new NDList(made.stream().map(TensorRows::array).toList());
        } finally {
            given.forEach(TensorRows::release);
            Reference.reachabilityFence(arrays);
            if (!done) {
                made.stream().map(TensorRows::array).forEach(NDArray::close);
            }
        }
    }

    private void take(NDList arrays, long rows) {
        for (int i = 0; i < arrays.size(); i++) {
            NodeInfo node = inputs.get(i);
            given.add(TensorRows.in(arrays.get(i), node.getName(), type(node).type, rows));
        }
    }

    /** Returns how many rows the file was exported for, if it fixes that for all inputs; or 0. */
    private long fixedRows(long rows) {
        long[] sizes = inputs.stream().mapToLong(ExtractionPass::firstAxis).distinct().toArray();
        long fixed = sizes.length == 1 && sizes[0] > 0 ? sizes[0] : 0;
        if (fixed > rows) {
            throw new EngramException(
                    "The model was exported for %d rows at once, and got %d: give as many or more, or export it with a dynamic batch"
                            .formatted(fixed, rows));
        }
        return fixed;
    }

    private static long firstAxis(NodeInfo node) {
        long[] shape = type(node).getShape();
        return shape.length == 0 ? 0 : shape[0];
    }

    /** Where the file fixes how many rows run at once, the last ones run with some before them. */
    private void runAll(OrtSession session, long rows, long step, boolean isFixed)
            throws OrtException {
        requireRows(rows, step);
        if (step < rows && !isFixed) {
            cut.require((from, count) -> outputs(session, from, count), step);
        }
        for (long next = 0; next == 0 || next < rows; next += step) {
            long from = isFixed ? Math.min(next, rows - step) : next;
            long count = Math.min(step, rows - from);
            List<Shape> seen = given.stream().map(array -> array.shape(count)).toList();
            Optional<List<Shape>> known = shapes.of(seen);
            if (known.isPresent() && from == 0) {
                make(known.get(), rows, count);
            }
            if (known.isEmpty() || !inPlace(session, from, count)) {
                shapes.put(seen, copied(session, from, count, rows));
            }
        }
    }

    private void requireRows(long rows, long step) {
        for (int i = 0; i < given.size() && step < rows; i++) {
            Shape shape = given.get(i).shape();
            if (shape.dimension() == 0 || shape.get(0) != rows) {
                throw new EngramException(
                        "The input %s of shape %s cannot be cut into batches of %d beside %d rows: leave out optBatchSize, or export the model with a dynamic batch"
                                .formatted(inputs.get(i).getName(), shape, step, rows));
            }
        }
    }

    /** Makes the outputs for all rows, from their shapes for some of them. */
    private void make(List<Shape> some, long rows, long count) {
        for (int i = 0; i < some.size(); i++) {
            NodeInfo node = outputs.get(i);
            Shape shape = count == rows ? some.get(i) : whole(node, some.get(i), rows, count);
            made.add(TensorRows.out(node.getName(), shape, type(node).type, owner, rows));
        }
    }

    private static Shape whole(NodeInfo node, Shape some, long rows, long count) {
        if (some.dimension() == 0 || some.get(0) != count) {
            throw new EngramException(
                    "The output %s has the shape %s for %d rows, so that batches cannot be joined: leave out optBatchSize"
                            .formatted(node.getName(), some, count));
        }
        long[] dims = some.getShape().clone();
        dims[0] = rows;
        return new Shape(dims);
    }

    /** Lets ONNX Runtime write into the outputs, and returns false if their shapes are others. */
    private boolean inPlace(OrtSession session, long from, long count) throws OrtException {
        if (!made.stream().allMatch(TensorRows::isShared)) {
            return false;
        }
        Map<String, OnnxTensor> feeds = views(inputs, given, from, count);
        Map<String, OnnxTensor> pinned = views(outputs, made, from, count);
        try {
            session.run(feeds, pinned).close();
            return true;
        } catch (OrtException e) {
            // The shapes may depend on the values. If anything else is wrong, it is so again.
            return false;
        } finally {
            feeds.values().forEach(OnnxTensor::close);
            pinned.values().forEach(OnnxTensor::close);
        }
    }

    private OrtSession.Result outputs(OrtSession session, long from, long count)
            throws OrtException {
        Map<String, OnnxTensor> feeds = views(inputs, given, from, count);
        try {
            return session.run(feeds);
        } finally {
            feeds.values().forEach(OnnxTensor::close);
        }
    }

    /** Runs, makes the outputs if this is the first time, and returns the shapes seen. */
    private List<Shape> copied(OrtSession session, long from, long count, long rows)
            throws OrtException {
        try (OrtSession.Result result = outputs(session, from, count)) {
            List<Shape> some =
                    outputs.stream().map(node -> ShapeProbe.shape(result, node)).toList();
            if (from == 0) {
                made.stream().map(TensorRows::array).forEach(NDArray::close);
                made.clear();
                make(some, rows, count);
            }
            for (int i = 0; i < some.size(); i++) {
                OnnxValue value = result.get(outputs.get(i).getName()).orElseThrow();
                made.get(i).put(from, count, some.get(i), (OnnxTensor) value);
            }
            return some;
        }
    }

    private static Map<String, OnnxTensor> views(
            List<NodeInfo> nodes, List<TensorRows> rows, long from, long count)
            throws OrtException {
        Map<String, OnnxTensor> views = new LinkedHashMap<>();
        for (int i = 0; i < nodes.size(); i++) {
            views.put(nodes.get(i).getName(), rows.get(i).tensor(from, count));
        }
        return views;
    }

    static TensorInfo type(NodeInfo node) {
        return (TensorInfo) node.getInfo();
    }
}
