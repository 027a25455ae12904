package dev.engram.onnx.internal.weights;

import ai.djl.nn.Parameter;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import dev.engram.api.EngramException;
import dev.engram.onnx.internal.array.Tensors;
import dev.engram.onnx.internal.model.OnnxModel;
import dev.engram.onnx.internal.model.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Whether a file holds the very values over which a task was learnt. */
public final class SameBase {

    private final Path file;
    private final Map<String, Tensor> stored;

    public SameBase(Path file) {
        this.file = file;
        try {
            stored = OnnxModel.read(file).withConstantsNamed().graph().initializers();
        } catch (IOException e) {
            throw new EngramException(
                    "Cannot read %s (%s): is the file there, and may this process read it?"
                            .formatted(file, e),
                    e);
        }
    }

    /**
     * Refuses a base with other values.
     *
     * @param parameters of the base
     * @param prefix of the names of those that were read from a file
     */
    public void require(PairList<String, Parameter> parameters, String prefix) {
        List<String> others = new ArrayList<>();
        for (Pair<String, Parameter> own : parameters) {
            String name = own.getKey();
            if (name.startsWith(prefix) && !isStored(name.substring(prefix.length()), own)) {
                others.add(name);
            }
        }
        if (!others.isEmpty()) {
            throw new EngramException(
                    "%s has other values than the base under the task, in %s, so the adapter would answer otherwise there: give slots to the file that the OnnxBlock was read from; if the base was trained since, write it (OnnxWriter) and give slots to that file"
                            .formatted(file, others));
        }
    }

    private boolean isStored(String name, Pair<String, Parameter> own) {
        Tensor tensor = stored.get(name);
        return tensor != null
                && ByteBuffer.wrap(Tensors.bytes(own.getValue().getArray(), tensor.type()))
                        .equals(tensor.values());
    }
}
