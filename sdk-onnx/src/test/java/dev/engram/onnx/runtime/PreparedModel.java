package dev.engram.onnx.runtime;

import dev.engram.onnx.adapter.AdapterSlots;
import dev.engram.onnx.adapter.LayerSelection;
import dev.engram.onnx.adapter.OnnxAdapterFile;
import dev.engram.onnx.testing.RandomAdapters;
import java.nio.file.Path;

/** Model files with slots, adapters for them, and a server of both. */
final class PreparedModel {

    private PreparedModel() {}

    static Path of(Path model, Path folder) {
        Path target = folder.resolve("prepared.onnx");
        AdapterSlots.add(model, LayerSelection.all(), target);
        return target;
    }

    static Path adapter(Path prepared, long seed) {
        Path file = prepared.resolveSibling(seed + ".onnx_adapter");
        OnnxAdapterFile.write(RandomAdapters.of(AdapterSlots.of(prepared), 4, seed), file);
        return file;
    }

    static OnnxTaskServer open(Path prepared) {
        return OnnxTaskServer.builder().setModel(prepared).optThreads(1).build();
    }
}
