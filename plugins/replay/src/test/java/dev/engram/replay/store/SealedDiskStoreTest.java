package dev.engram.replay.store;

import ai.djl.ndarray.NDManager;
import dev.engram.replay.store.disk.DiskStore;
import java.nio.file.Path;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.io.TempDir;

class SealedDiskStoreTest extends SampleStoreContract {

    static final SecretKey KEY = key(1);

    @TempDir private Path directory;

    static SecretKey key(int firstByte) {
        byte[] bytes = new byte[32];
        bytes[0] = (byte) firstByte;
        return new SecretKeySpec(bytes, "AES");
    }

    @Override
    SampleStore open(NDManager manager) {
        return DiskStore.builder().setDirectory(directory).optKey(KEY).build();
    }
}
