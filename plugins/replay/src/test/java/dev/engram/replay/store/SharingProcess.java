package dev.engram.replay.store;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.replay.store.jdbc.JdbcStore;
import java.util.ArrayList;
import java.util.List;
import org.h2.jdbcx.JdbcDataSource;

/**
 * Applies change after change to a database of files until it is killed, and prints the number of
 * each that was applied: change n adds samples whose values and tag are n, and removes all before.
 */
final class SharingProcess {

    static final int ADDED = 20;

    private SharingProcess() {}

    static SampleStore open(String url) {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL(url);
        return JdbcStore.builder().setDataSource(source).setMemory("m").build();
    }

    public static void main(String[] args) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                SampleStore store = open(args[0])) {
            long number = store.state().map(Long::parseLong).orElse(0L);
            while (true) {
                number++;
                change(store, number, manager);
                System.out.print(number + "\n");
            }
        }
    }

    private static void change(SampleStore store, long number, NDManager manager) {
        List<Long> old = new ArrayList<>();
        store.forEach(key -> old.add(key.id()));
        try (NDManager scope = manager.newSubManager()) {
            NDList data = new NDList(scope.full(new Shape(ADDED, 300), (float) number));
            Layout layout = Layout.of(data, new NDList(), new NDList());
            List<SampleKey> keys = new ArrayList<>();
            for (int i = 0; i < ADDED; i++) {
                keys.add(SampleKey.of(store.nextId(), "t", "t", number, "", 0, layout));
            }
            store.apply(Change.of(old, keys, data, Long.toString(number)));
        }
    }
}
