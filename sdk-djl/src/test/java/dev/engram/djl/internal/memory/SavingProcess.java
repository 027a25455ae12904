package dev.engram.djl.internal.memory;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.djl.memory.LearntTask;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** Saves generation after generation until it is killed; each tensor holds its own number. */
final class SavingProcess {

    private SavingProcess() {}

    public static void main(String[] args) {
        MemoryDirectory directory = new MemoryDirectory(Path.of(args[0]));
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            Block block = Linear.builder().setUnits(3).build();
            block.initialize(manager, DataType.FLOAT32, new Shape(1, 2));
            long number = directory.latest().map(Generation::number).orElse(0L);
            while (true) {
                try (NDArray value = manager.full(new Shape(300, 300), number + 1f)) {
                    GenerationDraft draft =
                            new GenerationDraft(
                                    List.of(LearntTask.of("a", List.of())),
                                    block.getParameters(),
                                    Instant.EPOCH);
                    MemoryWriter writer = draft.writer("ewc", manager);
                    writer.tensor("anchor", "w", value);
                    writer.tensor("importance", "w", value);
                    number = directory.write(draft, number);
                    System.out.println("saved");
                }
            }
        }
    }
}
