package dev.engram.onnx.runtime;

import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoraAdapter;
import ai.onnxruntime.OrtSession;
import dev.engram.onnx.adapter.OnnxAdapter;
import dev.engram.onnx.adapter.OnnxAdapterFile;
import java.util.Map;

/**
 * One adapter in native memory.
 *
 * <p>ONNX Runtime does not notice that an adapter was closed and then answers as the base. So
 * nothing outside this class holds the native adapter, and it is closed only when no run uses it.
 */
final class TaskAdapter {

    private final OrtLoraAdapter lora;
    private final UseCount uses;

    private TaskAdapter(OrtLoraAdapter lora) {
        this.lora = lora;
        this.uses = new UseCount(lora::close);
    }

    /** Loads an adapter that fits. What ONNX Runtime gets is what was checked, not the file. */
    static TaskAdapter load(OnnxAdapter adapter) throws OrtException {
        return new TaskAdapter(OrtLoraAdapter.create(OnnxAdapterFile.encode(adapter)));
    }

    /** Begins a use, unless the adapter is retired. */
    boolean begin() {
        return uses.begin();
    }

    void end() {
        uses.end();
    }

    /** Lets no use begin from now on, and closes the adapter after the last one. */
    void retire() {
        uses.retire();
    }

    /** Runs with the adapter; the caller is within a use. */
    OrtSession.Result run(OrtSession session, Map<String, ? extends OnnxTensorLike> inputs)
            throws OrtException {
        try (OrtSession.RunOptions options = new OrtSession.RunOptions()) {
            options.addActiveLoraAdapter(lora);
            return session.run(inputs, options);
        }
    }
}
