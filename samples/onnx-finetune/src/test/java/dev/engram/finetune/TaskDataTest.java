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
    void aSampleOutlivesTheImagesThatItWasCutFrom() {
        TaskSequence tasks = TrainCommand.tasks(true, null, 1);
        TaskData data = new TaskData(tasks.task(0), new Input("x", new Shape(tasks.features()), 0));
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            NDList sample = data.sample(manager);
            float[] before = sample.head().toFloatArray();
            int bytes = Float.BYTES * tasks.task(0).test().pixels().length;
            for (int i = 0; i < 10; i++) {
                assertThat(writtenOver(bytes)).hasSize(8);
                assertThat(sample.head().toFloatArray()).isEqualTo(before);
            }
        }
    }

    /** Lets Java free what nobody holds, and takes that memory for other values. */
    private static List<ByteBuffer> writtenOver(int bytes) {
        System.gc();
        List<ByteBuffer> held = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
            while (buffer.remaining() >= Integer.BYTES) {
                buffer.putInt(WORD);
            }
            held.add(buffer);
        }
        return held;
    }
}
