package dev.engram.replay.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import dev.engram.replay.source.ReplayBuffer;
import dev.engram.replay.store.disk.DiskStore;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreCopyTest {

    private static final SecretKey OLD = key(1);
    private static final SecretKey NEW = key(2);

    @TempDir private Path folder;
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void aKeyIsChangedByACopyThatTheOldKeyDoesNotOpen() {
        Set<Float> before;
        try (ReplayBuffer buffer = buffer("old", OLD)) {
            feed(buffer);
            before = samples(buffer);
        }
        copy();
        assertThatThrownBy(() -> store("new", OLD)).isInstanceOf(EngramException.class);
        try (ReplayBuffer buffer = buffer("new", NEW)) {
            buffer.erase("nobody");
            feed(buffer);
            assertThat(buffer.erase("Ada")).isPositive();
            assertThat(buffer.size()).isZero();
        }
        assertThat(before).hasSizeGreaterThan(1);
    }

    @Test
    void theCopyHoldsTheSameSamplesAndTakesNoneTwice() {
        Set<Float> before;
        try (ReplayBuffer buffer = buffer("old", OLD)) {
            feed(buffer);
            before = samples(buffer);
        }
        copy();
        try (ReplayBuffer buffer = buffer("new", NEW)) {
            assertThat(samples(buffer)).isEqualTo(before);
        }
        assertThatThrownBy(this::copy)
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("holds some already");
    }

    private void copy() {
        try (SampleStore from = store("old", OLD);
                SampleStore to = store("new", NEW)) {
            assertThat(StoreCopy.all(from, to, manager)).isEqualTo(30);
        }
    }

    private SampleStore store(String name, SecretKey key) {
        return DiskStore.builder().setDirectory(folder.resolve(name)).optKey(key).build();
    }

    private ReplayBuffer buffer(String name, SecretKey key) {
        return ReplayBuffer.builder().optStore(any -> store(name, key)).build();
    }

    /** Samples of two layouts. */
    private void feed(ReplayBuffer buffer) {
        for (int width = 1; width <= 2; width++) {
            NDList data = new NDList(manager.arange(15f * width).reshape(new Shape(15, width)));
            List<String> who = Collections.nCopies(15, "Ada");
            buffer.observe(
                    ObservedBatch.of(Task.named("t"), data, new NDList(), new NDList(), who));
        }
    }

    private Set<Float> samples(ReplayBuffer buffer) {
        Set<Float> values = new TreeSet<>();
        for (ReplayedBatch batch : buffer.draw(Task.named("other"), 30, manager)) {
            for (float value : batch.data().head().toFloatArray()) {
                values.add(value + 1000 * batch.data().head().getShape().get(1));
            }
        }
        return values;
    }

    private static SecretKey key(int fill) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) fill);
        return new SecretKeySpec(bytes, "AES");
    }
}
