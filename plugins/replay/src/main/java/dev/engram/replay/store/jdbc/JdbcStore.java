package dev.engram.replay.store.jdbc;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.InvalidOptionException;
import dev.engram.replay.internal.records.Envelope;
import dev.engram.replay.internal.records.Sealer;
import dev.engram.replay.store.Change;
import dev.engram.replay.store.Changes;
import dev.engram.replay.store.SampleKey;
import dev.engram.replay.store.SampleStore;
import java.util.Optional;
import java.util.function.Consumer;
import javax.crypto.SecretKey;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps samples in a database that the application names, so that several machines share one
 * memory.
 *
 * <p>Tried on PostgreSQL and H2. Three tables are made where they are missing: {@code
 * engram_memory}, {@code engram_sample}, {@code engram_node}. Each call takes a connection and
 * gives it back: give a pool. Arrays pass through the Java heap one sample at a time.
 *
 * <p>Several processes may open one memory at once. Each sees what the others have committed; a
 * sample that another one removed cannot be read any more. There is one state a memory, not one a
 * process: {@link #state} returns what was committed last, by whomever.
 *
 * <p>With a key, arrays, keys and state are sealed before they leave this process; ids, sizes and
 * the name of the memory can still be seen.
 *
 * <p>{@link #purge} rewrites the table on PostgreSQL ({@code VACUUM FULL}, which keeps others out
 * meanwhile and which only the table's owner may do). Write-ahead logs, replicas and backups are
 * the database's own; so is all of it elsewhere, and a warning says so.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class JdbcStore implements SampleStore {

    private static final Logger LOGGER = LoggerFactory.getLogger(JdbcStore.class);

    private final String store;
    private final Database database;
    private final NodeIds ids;
    private final JdbcSamples samples;

    private JdbcStore(DataSource source, String memory, @Nullable SecretKey key) {
        store = "The memory \"" + memory + "\"";
        database = new Database(source, store);
        ids = new NodeIds(database);
        Envelope envelope = Sealer.orChecksum(key);
        samples = new JdbcSamples(memory, store, envelope);
        JdbcSchema schema = new JdbcSchema(database);
        schema.create();
        schema.enter(memory, store, envelope);
    }

    /** Starts building a store. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public boolean isDurable() {
        return true;
    }

    @Override
    public boolean isShared() {
        return true;
    }

    @Override
    public long nextId() {
        return ids.next();
    }

    @Override
    public void forEach(Consumer<SampleKey> visitor) {
        database.transaction(connection -> samples.visit(connection, visitor));
    }

    @Override
    public Optional<String> state() {
        return database.run(samples::state);
    }

    @Override
    public void apply(Change change) {
        Changes.check(change, id -> false);
        database.transaction(connection -> samples.apply(connection, change));
    }

    @Override
    public NDList read(long[] wanted, NDManager manager) {
        return database.run(connection -> samples.read(connection, wanted)).arrays(manager);
    }

    @Override
    public void purge() {
        database.run(JdbcSamples::rewrite).ifPresent(this::warn);
    }

    private void warn(String problem) {
        LOGGER.warn(
                "{}: removed samples may still lie in the database's files: {}", store, problem);
    }

    @Override
    public String toString() {
        return store;
    }

    /** Does nothing: the data source is the application's. */
    @Override
    public void close() {}

    /** Builds a {@link JdbcStore}. */
    public static final class Builder {

        private @Nullable DataSource source;
        private @Nullable String memory;
        private @Nullable SecretKey key;

        Builder() {}

        /** Sets where connections come from; the store does not close it. */
        public Builder setDataSource(DataSource source) {
            this.source = source;
            return this;
        }

        /** Sets the name of the memory, of at most 200 characters; a database may hold several. */
        public Builder setMemory(String memory) {
            this.memory = memory;
            return this;
        }

        /** Seals all that is written with an AES key of 256 bits; nothing is sealed unless set. */
        public Builder optKey(@Nullable SecretKey key) {
            this.key = key;
            return this;
        }

        /**
         * Opens the memory.
         *
         * @throws EngramException if the database refuses, or if the memory has another format or
         *     key
         */
        public JdbcStore build() {
            if (source == null) {
                throw new InvalidOptionException("setDataSource(...) is missing");
            }
            if (memory == null || memory.isEmpty() || memory.length() > JdbcSchema.LONGEST_NAME) {
                throw new InvalidOptionException(
                        "setMemory(\"%s\"): give a name of 1 to %s characters"
                                .formatted(memory, JdbcSchema.LONGEST_NAME));
            }
            return new JdbcStore(source, memory, key);
        }
    }
}
