package dev.engram.replay.store;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.replay.store.disk.DiskStore;
import dev.engram.replay.store.jdbc.JdbcStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.h2.jdbcx.JdbcDataSource;

/**
 * Applies change after change until it is killed, and prints the number of each that was applied.
 *
 * <p>Change n adds {@link #ADDED} samples whose values and tag are n, removes those of change n -
 * {@link #KEPT}, and writes n as the state.
 */
final class ChangingProcess {

    static final int ADDED = 16;
    static final int KEPT = 40;
    static final int WIDTH = 784;

    /** So often the store is purged, that it may be killed there, too. */
    private static final int PURGED = 100;

    private ChangingProcess() {}

    /** The stores that are killed, each in a directory. */
    enum Kind {
        DISK(15, 10) {
            @Override
            SampleStore open(Path directory, boolean stays) {
                return DiskStore.builder().setDirectory(directory).build();
            }
        },
        /** A database in the killed process itself: it keeps its promises at every commit. */
        JDBC(5, 1) {
            @Override
            SampleStore open(Path directory, boolean stays) {
                JdbcDataSource source = new JdbcDataSource();
                String url = "jdbc:h2:file:" + directory.resolve("db") + ";WRITE_DELAY=0";
                // H2 keeps this in the database, so it must be said each time.
                source.setURL(url + ";DB_CLOSE_DELAY=" + (stays ? -1 : 0));
                return JdbcStore.builder().setDataSource(source).setMemory("vision").build();
            }
        };

        final int kills;
        final int changesAKill;

        Kind(int kills, int changesAKill) {
            this.kills = kills;
            this.changesAKill = changesAKill;
        }

        /**
         * Opens the store.
         *
         * @param stays whether it is open until the process ends
         */
        abstract SampleStore open(Path directory, boolean stays);
    }

    public static void main(String[] args) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                SampleStore store = Kind.valueOf(args[1]).open(Path.of(args[0]), true)) {
            long number = store.state().map(Long::parseLong).orElse(0L);
            while (true) {
                number++;
                change(store, number, manager);
                // In one piece: a line that is cut by the kill would tell another number.
                System.out.print(number + "\n");
                if (number % PURGED == 0) {
                    store.purge();
                }
            }
        }
    }

    private static void change(SampleStore store, long number, NDManager manager) {
        List<Long> old = new ArrayList<>();
        store.forEach(
                key -> {
                    if (key.tag() <= number - KEPT) {
                        old.add(key.id());
                    }
                });
        try (NDManager scope = manager.newSubManager()) {
            NDList data = new NDList(scope.full(new Shape(ADDED, WIDTH), (float) number));
            Layout layout = Layout.of(data, new NDList(), new NDList());
            List<SampleKey> keys = new ArrayList<>();
            for (int i = 0; i < ADDED; i++) {
                keys.add(SampleKey.of(store.nextId(), "t", "t", number, "", 0, layout));
            }
            store.apply(Change.of(old, keys, data, Long.toString(number)));
        }
    }
}
