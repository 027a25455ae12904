package dev.engram.replay.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.api.InvalidOptionException;
import dev.engram.replay.store.disk.DiskStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.crypto.SecretKey;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.LongDataType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lies in the files of a disk store, and what it says to files that are not as they were. */
class DiskFilesTest {

    private static final int WIDTH = 64;
    private static final String SECRET = "the face of Jane Roe, which nobody else may ever see";
    private static final String SUBJECT =
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15";
    private static final String TASK = "oncology-2031";

    @TempDir private Path directory;
    private NDManager manager;

    @BeforeEach
    void openManager() {
        manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    }

    @AfterEach
    void closeManager() {
        manager.close();
    }

    private DiskStore open(@Nullable SecretKey key) {
        return DiskStore.builder().setDirectory(directory).optKey(key).build();
    }

    @Test
    void noByteOfARemovedSampleIsLeftAfterAPurge() throws IOException {
        try (SampleStore store = open(null)) {
            add(store, "kept before", "a", 40);
            List<Long> secret = add(store, SECRET, SUBJECT, 5);
            List<Long> kept = add(store, "kept after", "b", 40);
            assertThat(found(SECRET)).isTrue();
            assertThat(found(SUBJECT)).isTrue();
            store.apply(Change.of(secret, List.of(), new NDList(), "erased"));
            assertThat(found(SUBJECT)).as("until it is purged").isTrue();
            store.purge();
            assertGone();
            assertThat(text(store, kept.get(39))).startsWith("kept after");
            assertThat(store.state()).contains("erased");
        }
        assertGone();
        try (SampleStore store = open(null)) {
            assertThat(keys(store)).hasSize(80);
        }
    }

    @Test
    void aPurgeGivesTheEndOfTheFilesBack() throws IOException {
        try (SampleStore store = open(null)) {
            add(store, "kept", "a", 10);
            List<Long> removed = add(store, SECRET, SUBJECT, 2000);
            store.apply(Change.of(removed, List.of(), new NDList(), "erased"));
            long before = bytes().length;
            store.purge();
            assertThat((long) bytes().length).isLessThan(before / 4);
            assertGone();
        }
    }

    @Test
    void aPurgeThatWasInterruptedLeavesAUsableStore() throws IOException {
        List<Long> ids;
        try (SampleStore store = open(null)) {
            ids = add(store, "kept", "a", 10);
        }
        Files.write(directory.resolve("index.mv.new"), SECRET.getBytes(StandardCharsets.UTF_8));
        try (SampleStore store = open(null)) {
            assertThat(text(store, ids.get(3))).startsWith("kept");
        }
        assertGone();
    }

    private void assertGone() throws IOException {
        assertThat(found(SECRET)).isFalse();
        assertThat(found(SECRET.substring(0, 12))).isFalse();
        assertThat(found(SUBJECT)).isFalse();
    }

    @Test
    void withAKeyNothingCanBeReadInTheFiles() throws IOException {
        List<Long> ids;
        try (SampleStore store = open(SealedDiskStoreTest.KEY)) {
            ids = add(store, SECRET, SUBJECT, 20);
            assertSealed();
            store.purge();
            assertSealed();
        }
        assertSealed();
        try (SampleStore store = open(SealedDiskStoreTest.KEY)) {
            assertThat(text(store, ids.get(19))).startsWith(SECRET);
            assertThat(keys(store).get(0).subject()).isEqualTo(SUBJECT);
        }
    }

    private void assertSealed() throws IOException {
        assertGone();
        assertThat(found(TASK)).isFalse();
        assertThat(found("added by a test")).isFalse();
        assertThat(found("U8[")).isFalse();
    }

    @Test
    void anotherKeyIsRefusedAndSoIsNone() {
        try (SampleStore store = open(SealedDiskStoreTest.KEY)) {
            add(store, SECRET, SUBJECT, 1);
        }
        assertThatThrownBy(() -> open(SealedDiskStoreTest.key(2)))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining(directory.toString())
                .hasMessageContaining("this key");
        assertThatThrownBy(() -> open(null))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining(directory + " is encrypted")
                .hasMessageContaining("optKey");
        try (SampleStore store = open(SealedDiskStoreTest.KEY)) {
            assertThat(keys(store)).hasSize(1);
        }
    }

    @Test
    void aKeyForAStoreThatHasNoneIsRefused() {
        open(null).close();
        assertThatThrownBy(() -> open(SealedDiskStoreTest.KEY))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("without a key");
    }

    @Test
    void aShortKeyIsRefused() {
        SecretKey shortKey = new javax.crypto.spec.SecretKeySpec(new byte[16], "AES");
        assertThatThrownBy(() -> open(shortKey))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("128 bits");
    }

    @Test
    void aSecondStoreOnTheDirectoryIsRefused() {
        SampleStore store = open(null);
        assertThatThrownBy(() -> open(null))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining(directory + " is open elsewhere");
        store.close();
        open(null).close();
    }

    @Test
    void anotherFormatIsRefused() {
        open(null).close();
        try (MVStore store = MVStore.open(directory.resolve("index.mv").toString())) {
            MVMap<Long, byte[]> about =
                    store.openMap(
                            "about",
                            new MVMap.Builder<Long, byte[]>()
                                    .keyType(LongDataType.INSTANCE)
                                    .valueType(ByteArrayDataType.INSTANCE));
            about.put(0L, "engram-samples 7 plain".getBytes(StandardCharsets.UTF_8));
        }
        assertThatThrownBy(() -> open(null))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("engram-samples 7 plain")
                .hasMessageContaining("engram-samples 1");
    }

    @Test
    void aBitThatFellOverInTheArraysIsNoticedAndTheFileNamed() throws IOException {
        List<Long> ids;
        try (SampleStore store = open(null)) {
            ids = add(store, SECRET, SUBJECT, 3);
        }
        Path file = directory.resolve("payload-0.rows");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 4;
        Files.write(file, bytes);
        try (SampleStore store = open(null)) {
            assertThat(text(store, ids.get(0))).startsWith(SECRET);
            assertThatThrownBy(() -> text(store, ids.get(1)))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining(file + " is damaged at sample " + ids.get(1));
        }
    }

    @Test
    void aFileThatWasCutIsNoticedAndNamed() throws IOException {
        List<Long> ids;
        try (SampleStore store = open(null)) {
            ids = add(store, SECRET, SUBJECT, 3);
        }
        Path file = directory.resolve("payload-0.rows");
        Files.write(file, new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
        try (SampleStore store = open(null)) {
            assertThatThrownBy(() -> text(store, ids.get(2)))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining(file + " is damaged");
        }
    }

    /** Wherever the index is damaged: what is read is right, or the error names the file. */
    @Test
    void aDamagedIndexIsNeverTakenForAWholeOne() throws IOException {
        List<Long> ids;
        try (SampleStore store = open(null)) {
            ids = add(store, SECRET, SUBJECT, 300);
        }
        Path file = directory.resolve("index.mv");
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(1);
        int refused = 0;
        for (int round = 0; round < 60; round++) {
            byte[] damaged = whole.clone();
            int from = random.nextInt(damaged.length - 64);
            for (int i = from; i < from + 64; i++) {
                damaged[i] = (byte) random.nextInt();
            }
            Files.write(file, damaged);
            try (SampleStore store = open(null)) {
                for (SampleKey key : keys(store)) {
                    assertThat(key.subject()).isEqualTo(SUBJECT);
                    assertThat(text(store, key.id())).startsWith(SECRET);
                }
                assertThat(keys(store)).hasSize(ids.size());
            } catch (EngramException e) {
                assertThat(e).hasMessageContaining(directory.toString());
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    /** Cut anywhere, MVStore opens an older state, or an empty one, and says nothing. */
    @Test
    void anIndexThatWasCutIsNeverTakenForAnOlderOrAnEmptyOne() throws IOException {
        List<Long> ids = new ArrayList<>();
        for (int change = 0; change < 12; change++) {
            try (SampleStore store = open(null)) {
                ids.addAll(add(store, SECRET, SUBJECT, 40));
            }
        }
        Path file = directory.resolve("index.mv");
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(1);
        int refused = 0;
        for (int round = 0; round < 60; round++) {
            Files.write(file, Arrays.copyOf(whole, random.nextInt(whole.length)));
            for (int attempt = 0; attempt < 2; attempt++) {
                try (SampleStore store = open(null)) {
                    assertThat(keys(store)).as("cut in round %s", round).hasSize(ids.size());
                } catch (EngramException e) {
                    assertThat(e)
                            .hasMessageContaining(directory.toString())
                            .hasMessageContaining("is damaged")
                            .hasMessageContaining("from a backup");
                    refused++;
                }
            }
        }
        assertThat(refused).isGreaterThan(100);
        Files.write(file, whole);
        try (SampleStore store = open(null)) {
            assertThat(text(store, ids.get(479))).startsWith(SECRET);
        }
    }

    @Test
    void anOlderIndexBesideNewerArraysIsRefused() throws IOException {
        Path file = directory.resolve("index.mv");
        try (SampleStore store = open(null)) {
            add(store, "kept", "a", 10);
        }
        byte[] older = Files.readAllBytes(file);
        try (SampleStore store = open(null)) {
            add(store, "kept", "a", 10);
        }
        Files.write(file, older);
        assertThatThrownBy(() -> open(null))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining(file + " is damaged: it was cut, or is an older copy")
                .hasMessageContaining("1 of the 2 changes");
    }

    /** As an earlier version of Engram left it, and as a copy by hand may. */
    @Test
    void aStoreWithoutMarkOpensAndOneWithoutIndexDoesNot() throws IOException {
        try (SampleStore store = open(null)) {
            add(store, "kept", "a", 10);
        }
        Files.delete(directory.resolve("index.mark"));
        try (SampleStore store = open(null)) {
            assertThat(keys(store)).hasSize(10);
        }
        Files.delete(directory.resolve("index.mark"));
        try (MVStore empty = MVStore.open(directory.resolve("other.mv").toString())) {
            empty.commit();
        }
        Files.move(
                directory.resolve("other.mv"),
                directory.resolve("index.mv"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(() -> open(null))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("index.mv knows nothing, but payload-0.rows holds samples");
    }

    @Test
    void aNameThatTakesMoreThanARecordHoldsIsRefusedInWords() {
        try (SampleStore store = open(null)) {
            assertThatThrownBy(() -> add(store, "kept", "s".repeat(70_000), 1))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("give shorter ones");
            assertThat(keys(store)).isEmpty();
        }
    }

    @Test
    void aFileThatIsNoIndexIsRefused() throws IOException {
        open(null).close();
        Path file = directory.resolve("index.mv");
        Files.write(file, new byte[9000]);
        assertThatThrownBy(() -> open(null))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining(file + " is damaged");
    }

    @Test
    void theFilesGrowWithTheSamplesNotWithTheChanges() throws IOException {
        try (SampleStore store = open(null)) {
            List<Long> ids = new ArrayList<>(add(store, "kept", "a", 2000));
            Random random = new Random(1);
            for (int change = 0; change < 1100; change++) {
                List<SampleKey> keys = new ArrayList<>();
                NDList data = new NDList(manager.zeros(new Shape(16, WIDTH), DataType.UINT8));
                List<Long> removed = new ArrayList<>();
                while (removed.size() < 16) {
                    removed.add(ids.remove(random.nextInt(ids.size())));
                }
                for (int i = 0; i < 16; i++) {
                    Layout layout = Layout.of(data, new NDList(), new NDList());
                    keys.add(SampleKey.of(store.nextId(), TASK, TASK, i, SUBJECT, 0, layout));
                    ids.add(keys.get(i).id());
                }
                store.apply(Change.of(removed, keys, data, "changed"));
                data.close();
            }
            // 36 MB without reuse of what earlier changes left.
            assertThat(bytes().length).isLessThan(20 << 20);
            assertThat(keys(store)).hasSize(2000);
        }
    }

    private List<Long> add(SampleStore store, String text, String subject, int count) {
        byte[] bytes = new byte[count * WIDTH];
        for (int row = 0; row < count; row++) {
            byte[] line = text.getBytes(StandardCharsets.UTF_8);
            System.arraycopy(line, 0, bytes, row * WIDTH, line.length);
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        NDList data = new NDList(manager.create(buffer, new Shape(count, WIDTH), DataType.UINT8));
        Layout layout = Layout.of(data, new NDList(), new NDList());
        List<SampleKey> keys =
                IntStream.range(0, count)
                        .mapToObj(
                                i ->
                                        SampleKey.of(
                                                store.nextId(), TASK, TASK, i, subject, 0, layout))
                        .toList();
        store.apply(Change.of(List.of(), keys, data, "added by a test"));
        return keys.stream().map(SampleKey::id).toList();
    }

    private String text(SampleStore store, long id) {
        byte[] bytes = new byte[WIDTH];
        store.read(new long[] {id}, manager).head().toByteBuffer().get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static List<SampleKey> keys(SampleStore store) {
        List<SampleKey> keys = new ArrayList<>();
        store.forEach(keys::add);
        return keys;
    }

    private boolean found(String text) throws IOException {
        return new String(bytes(), StandardCharsets.ISO_8859_1).contains(text);
    }

    /** All bytes of all files; on Linux also those that another handle has locked. */
    private byte[] bytes() throws IOException {
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                all.write(Files.readAllBytes(file));
            }
        }
        return all.toByteArray();
    }
}
