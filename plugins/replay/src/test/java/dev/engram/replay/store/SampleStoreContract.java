package dev.engram.replay.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every store promises, whatever it keeps samples in. */
abstract class SampleStoreContract {

    private NDManager manager;
    private SampleStore store;

    /** Opens the store; at a second call with what the first left behind, if it is durable. */
    abstract SampleStore open(NDManager manager) throws Exception;

    @BeforeEach
    void openStore() throws Exception {
        manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
        store = open(manager);
    }

    @AfterEach
    void closeStore() {
        store.close();
        manager.close();
    }

    private void reopenIfDurable() throws Exception {
        if (store.isDurable()) {
            store.close();
            store = open(manager);
        }
    }

    @Test
    void aNewStoreIsEmpty() {
        assertThat(store.state()).isEmpty();
        assertThat(keys()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {"FLOAT32", "FLOAT64", "FLOAT16", "INT64", "INT32", "INT8", "UINT8", "BOOLEAN"})
    void everyTypeComesBackBitForBit(DataType type) throws Exception {
        NDArray values = bits(type, new Shape(5, 3, 2));
        List<Long> ids = add(new NDList(values), new NDList(), new NDList());
        reopenIfDurable();
        NDList read = store.read(new long[] {ids.get(3), ids.get(0)}, manager);
        assertThat(read).hasSize(1);
        assertThat(read.head().getDataType()).isEqualTo(type);
        assertSameBytes(read.head().get(0), values.get(3));
        assertSameBytes(read.head().get(1), values.get(0));
    }

    @Test
    void notANumberKeepsItsBits() {
        int[] bits = {0x7fc00001, 0xffc12345, 0x80000000, 0x7f800000, 1};
        ByteBuffer buffer = ByteBuffer.allocateDirect(20).order(java.nio.ByteOrder.nativeOrder());
        for (int value : bits) {
            buffer.putInt(value);
        }
        NDArray values = manager.create(buffer.flip(), new Shape(1, 5), DataType.FLOAT32);
        List<Long> ids = add(new NDList(values), new NDList(), new NDList());
        assertSameBytes(store.read(new long[] {ids.get(0)}, manager).head(), values);
    }

    @Test
    void severalInputsAndLabelsComeBackInOrderWithTheirNames() throws Exception {
        NDArray tokens = named("input_ids", bits(DataType.INT64, new Shape(4, 6)));
        NDArray mask = named("attention mask;|[%", bits(DataType.BOOLEAN, new Shape(4, 6)));
        NDArray label = manager.create(new long[] {7, 8, 9, 10});
        NDArray weight = named("weight", manager.create(new float[] {1, 2, 3, 4}));
        NDArray logits = bits(DataType.FLOAT16, new Shape(4, 10));
        List<Long> ids =
                add(new NDList(tokens, mask), new NDList(label, weight), new NDList(logits));
        reopenIfDurable();
        NDList read = store.read(toArray(ids), manager);
        Layout layout = keys().get(0).layout();
        assertThat(read).hasSize(5);
        assertThat(layout.data(read)).hasSize(2);
        assertThat(layout.labels(read).get(0).toLongArray()).containsExactly(7, 8, 9, 10);
        assertThat(layout.predictions(read).head().getShape()).isEqualTo(new Shape(4, 10));
        List<NDArray> written = List.of(tokens, mask, label, weight, logits);
        for (int i = 0; i < written.size(); i++) {
            assertSameBytes(read.get(i), written.get(i));
            assertThat(read.get(i).getName()).isEqualTo(written.get(i).getName());
            assertThat(read.get(i).getShape()).isEqualTo(written.get(i).getShape());
        }
    }

    @Test
    void oneSampleCanStandInABatchSeveralTimesAndInAnyOrder() {
        List<Long> ids = add(new NDList(manager.arange(6f).reshape(3, 2)), none(), none());
        long[] wanted = {ids.get(2), ids.get(0), ids.get(2), ids.get(2), ids.get(1)};
        assertThat(store.read(wanted, manager).head().toFloatArray())
                .containsExactly(4, 5, 0, 1, 4, 5, 4, 5, 2, 3);
    }

    @Test
    void whatIsReadOutlivesLaterReadsAndChanges() {
        List<Long> ids = add(new NDList(manager.arange(6f).reshape(3, 2)), none(), none());
        NDArray first = store.read(new long[] {ids.get(0)}, manager).head();
        store.read(new long[] {ids.get(1)}, manager);
        store.apply(Change.of(ids, List.of(), none(), "empty"));
        store.purge();
        assertThat(first.toFloatArray()).containsExactly(0, 1);
    }

    @Test
    void whatIsReadBelongsToTheGivenManager() {
        List<Long> ids = add(new NDList(manager.arange(6f).reshape(3, 2)), none(), none());
        NDArray read;
        try (NDManager scope = manager.newSubManager()) {
            read = store.read(toArray(ids), scope).head();
            assertThat(read.getManager()).isSameAs(scope);
        }
        assertThat(read.isReleased()).isTrue();
    }

    @Test
    void arraysThatDoNotLieInOnePieceAreStoredRightly() {
        NDArray turned = manager.arange(6f).reshape(2, 3).transpose();
        List<Long> ids = add(new NDList(turned), none(), none());
        assertThat(store.read(toArray(ids), manager).head().toFloatArray())
                .containsExactly(0, 3, 1, 4, 2, 5);
    }

    @Test
    void samplesOfDifferentLayoutsLieSideBySideButAreReadApart() throws Exception {
        List<Long> wide = add(new NDList(manager.ones(new Shape(2, 5))), none(), none());
        List<Long> narrow = add(new NDList(manager.zeros(new Shape(2, 3))), none(), none());
        reopenIfDurable();
        assertThat(store.read(toArray(wide), manager).head().getShape()).isEqualTo(new Shape(2, 5));
        assertThat(store.read(toArray(narrow), manager).head().getShape())
                .isEqualTo(new Shape(2, 3));
        assertThatThrownBy(() -> store.read(new long[] {wide.get(0), narrow.get(0)}, manager))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("F32[5]||")
                .hasMessageContaining("F32[3]||");
    }

    @Test
    void keysComeBackWholeAndAscending() throws Exception {
        Layout layout = layout(1);
        long first = store.nextId();
        long second = store.nextId();
        List<SampleKey> keys =
                List.of(
                        SampleKey.of(second, "täsk", "täsk/3", -5, "d1", 123, layout),
                        SampleKey.of(first, "t", "", Long.MIN_VALUE, "", Long.MAX_VALUE, layout));
        store.apply(Change.of(List.of(), keys, new NDList(manager.ones(new Shape(2, 1))), "s"));
        reopenIfDurable();
        assertThat(keys()).containsExactly(keys.get(1), keys.get(0));
        assertThat(keys().get(0).layout()).isSameAs(keys().get(1).layout());
    }

    @Test
    void theStateIsThatOfTheLastChange() throws Exception {
        store.apply(Change.of(List.of(), List.of(), none(), "first"));
        store.apply(Change.of(List.of(), List.of(), none(), "{\"seen\": 12, \"ü\": 1}"));
        reopenIfDurable();
        assertThat(store.state()).contains("{\"seen\": 12, \"ü\": 1}");
    }

    @Test
    void removedSamplesAreGoneAndTheirIdsStayUnused() throws Exception {
        List<Long> ids = add(new NDList(manager.arange(6f).reshape(3, 2)), none(), none());
        store.apply(Change.of(List.of(ids.get(2), 999_999L), List.of(), none(), "less"));
        reopenIfDurable();
        assertThat(keys()).extracting(SampleKey::id).containsExactly(ids.get(0), ids.get(1));
        assertThatThrownBy(() -> store.read(new long[] {ids.get(2)}, manager))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("no sample " + ids.get(2));
        assertThat(store.nextId()).isNotIn(ids);
    }

    @Test
    void aChangeThatIsRefusedChangesNothing() {
        List<Long> ids = add(new NDList(manager.ones(new Shape(2, 1))), none(), none());
        List<Long> last = List.of(ids.get(1));
        SampleKey again = SampleKey.of(ids.get(0), "t", "t", 0, "", 0, layout(1));
        NDList one = new NDList(manager.ones(new Shape(1, 1)));
        assertThatThrownBy(() -> store.apply(Change.of(last, List.of(again), one, "bad")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nextId()");
        SampleKey wrong = SampleKey.of(store.nextId(), "t", "t", 0, "", 0, layout(9));
        assertThatThrownBy(() -> store.apply(Change.of(ids, List.of(wrong), one, "bad")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("F32[9]||");
        SampleKey fleeting = SampleKey.of(store.nextId(), "t", "t", 0, "", 0, layout(1));
        Change both = Change.of(List.of(fleeting.id()), List.of(fleeting), one, "bad");
        assertThatThrownBy(() -> store.apply(both))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("added and removed in one change");
        assertThat(keys()).extracting(SampleKey::id).isEqualTo(ids);
        assertThat(store.state()).contains("added");
    }

    /** A random history against a map: removal, reuse of room, purges, reopening. */
    @Test
    void aLongHistoryEndsWhereAMapDoes() throws Exception {
        Random random = new Random(1);
        TreeMap<Long, Float> expected = new TreeMap<>();
        for (int step = 0; step < 120; step++) {
            List<Long> removed = new ArrayList<>(expected.keySet());
            removed.removeIf(id -> random.nextInt(3) > 0);
            int count = random.nextInt(9);
            float[] values = new float[count];
            List<SampleKey> added = new ArrayList<>();
            removed.forEach(expected::remove);
            for (int i = 0; i < count; i++) {
                values[i] = random.nextFloat();
                added.add(key(layout(1)));
                expected.put(added.get(i).id(), values[i]);
            }
            NDList arrays = count == 0 ? none() : new NDList(manager.create(values).reshape(-1, 1));
            store.apply(Change.of(removed, added, arrays, "step " + step));
            if (step % 20 == 7) {
                store.purge();
            }
            if (step % 20 == 14) {
                reopenIfDurable();
            }
            assertHolds(expected);
        }
        assertThat(store.state()).contains("step 119");
        assertThat(store.damaged()).isEmpty();
    }

    private void assertHolds(SortedMap<Long, Float> expected) {
        assertThat(keys()).extracting(SampleKey::id).containsExactlyElementsOf(expected.keySet());
        if (!expected.isEmpty()) {
            try (NDManager scope = manager.newSubManager()) {
                float[] found =
                        store.read(toArray(List.copyOf(expected.keySet())), scope)
                                .head()
                                .toFloatArray();
                int i = 0;
                for (float value : expected.values()) {
                    assertThat(found[i++]).isEqualTo(value);
                }
            }
        }
    }

    final List<Long> add(NDList data, NDList labels, NDList predictions) {
        Layout layout = Layout.of(data, labels, predictions);
        List<SampleKey> keys =
                Stream.generate(() -> key(layout)).limit(data.head().getShape().get(0)).toList();
        NDList all = new NDList(data).addAll(labels).addAll(predictions);
        store.apply(Change.of(List.of(), keys, all, "added"));
        return keys.stream().map(SampleKey::id).toList();
    }

    private SampleKey key(Layout layout) {
        return SampleKey.of(store.nextId(), "task", "task/1", 1, "", 2, layout);
    }

    private Layout layout(int width) {
        return Layout.parse("F32[" + width + "]||");
    }

    private List<SampleKey> keys() {
        List<SampleKey> keys = new ArrayList<>();
        store.forEach(keys::add);
        return keys;
    }

    private static NDList none() {
        return new NDList();
    }

    private static NDArray named(String name, NDArray array) {
        array.setName(name);
        return array;
    }

    /** Random bytes as an array; every bit pattern that the type has. */
    private NDArray bits(DataType type, Shape shape) {
        byte[] bytes = new byte[Math.toIntExact(shape.size() * type.getNumOfBytes())];
        new Random(type.name().length()).nextBytes(bytes);
        if (type == DataType.BOOLEAN) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] &= 1;
            }
        }
        ByteBuffer buffer = ByteBuffer.allocateDirect(bytes.length).put(bytes);
        return manager.create(buffer.flip(), shape, type);
    }

    private static void assertSameBytes(NDArray seen, NDArray expected) {
        assertThat(bytes(seen)).isEqualTo(bytes(expected));
    }

    private static byte[] bytes(NDArray array) {
        ByteBuffer buffer = array.toByteBuffer();
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    private static long[] toArray(List<Long> ids) {
        return ids.stream().mapToLong(Long::longValue).toArray();
    }
}
