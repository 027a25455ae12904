package dev.engram.finetune;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.scenarios.TaskSequence;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TaskDataTest {

    private static final int WORD = 0x7f7f7f7f;

    /** The images' memory is Java's, and goes with the next collection once they are closed. */
    @Test
    void aSampleOutlivesTheImagesThatItWasCutFrom() throws Exception {
        TaskSequence tasks = TrainCommand.tasks(true, null, 1);
        TaskData data = new TaskData(tasks.task(0), new Input("x", new Shape(tasks.features())));
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            NDList sample = data.sample(manager);
            float[] before = sample.head().toFloatArray();
            int bytes = Float.BYTES * tasks.task(0).test().pixels().length;
            for (int i = 0; i < 5; i++) {
                collectAndWriteOver(bytes);
                assertThat(sample.head().toFloatArray()).isEqualTo(before);
            }
        }
    }

    private static void collectAndWriteOver(int bytes) throws InterruptedException {
        System.gc();
        Thread.sleep(20); // the cleaner frees direct buffers on a thread of its own
        List<ByteBuffer> held = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
            while (buffer.remaining() >= Integer.BYTES) {
                buffer.putInt(WORD);
            }
            held.add(buffer);
        }
    }
}
