package dev.engram.replay.source;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.replay.store.Change;
import dev.engram.replay.store.Layout;
import dev.engram.replay.store.SampleKey;
import dev.engram.replay.store.SampleStore;
import dev.engram.replay.store.disk.DiskStore;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InterruptedQueueTest {

    @TempDir private Path directory;

    @Test
    void aThreadThatIsInterruptedLosesNothingOfItsStore() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            SampleStore store = DiskStore.builder().setDirectory(directory).build();
            Thread.currentThread().interrupt();
            try (StoreQueue queue = new StoreQueue(store)) {
                long id = queue.nextId();
                queue.apply(sample(id, manager), manager.newSubManager());
                queue.finish();
                NDList read = StoreQueue.await(queue.read(new long[] {id}, manager));
                assertThat(read.head().toFloatArray()).containsOnly(1f).hasSize(3);
                queue.purge();
            }
            assertThat(Thread.interrupted()).as("still interrupted").isTrue();
            try (SampleStore again = DiskStore.builder().setDirectory(directory).build()) {
                assertThat(again.state()).hasValue("changed");
            }
        }
    }

    private static Change sample(long id, NDManager manager) {
        NDList data = new NDList(manager.ones(new Shape(1, 3)));
        Layout layout = Layout.of(data, new NDList(), new NDList());
        SampleKey key = SampleKey.of(id, "t", "t", 1, "", 0, layout);
        return Change.of(List.of(), List.of(key), data, "changed");
    }
}
