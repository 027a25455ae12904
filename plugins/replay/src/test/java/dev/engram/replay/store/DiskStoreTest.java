package dev.engram.replay.store;

import ai.djl.ndarray.NDManager;
import dev.engram.replay.store.disk.DiskStore;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class DiskStoreTest extends SampleStoreContract {

    @TempDir private Path directory;

    @Override
    SampleStore open(NDManager manager) {
        return DiskStore.builder().setDirectory(directory).build();
    }
}
