package dev.engram.replay.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import dev.engram.api.EngramException;
import dev.engram.djl.ForgettingListener;
import dev.engram.kit.rehearsal.RehearsalGuard;
import dev.engram.replay.source.ReplayBuffer;
import dev.engram.replay.store.disk.DiskStore;
import dev.engram.replay.store.jdbc.JdbcStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A replay store that is gone must not be taken for an empty one. */
class LostStoreTest {

    @TempDir private Path folder;
    private Model model;
    private Path store;
    private Path memory;

    @BeforeEach
    void open() {
        model = Toy.model();
        store = folder.resolve("store");
        memory = folder.resolve("memory");
    }

    @AfterEach
    void close() {
        model.close();
    }

    @Test
    void aStoreThatWasDeletedIsRefusedBeforeTheFirstStep() {
        learnAandB();
        delete(store);
        float[] before = weights();
        assertRefused(
                onDisk(store),
                "knows tasks [a, b] with 512 samples kept in " + store,
                store + " holds none",
                "listener.continueWithout(\"a\", \"b\")");
        assertThat(weights()).isEqualTo(before);
        // And again: the empty folder that was made meanwhile makes it no better.
        assertRefused(onDisk(store), "holds none");
    }

    @Test
    void theUserMayGoOnKnowinglyAndIsNotAskedAgain() {
        learnAandB();
        delete(store);
        try (ForgettingListener listener = onDisk(store)) {
            listener.continueWithout("a");
            assertThatThrownBy(() -> Toy.fit(model, 1, 1, listener))
                    .hasMessageContaining("knows tasks [b] with 256 samples");
        }
        try (ForgettingListener listener = onDisk(store)) {
            listener.continueWithout("a", "b");
            listener.nextTask("c");
            Toy.fit(model, 1, 1, listener);
        }
        try (ForgettingListener listener = onDisk(store)) {
            Toy.fit(model, 0, 1, listener);
            assertThat(listener.tasks()).hasSize(4);
            assertThat(listener.effect("er").orElseThrow().gradientShare()).isPositive();
        }
    }

    @Test
    void aBaseIsNotRememberedIntoALostStoreEither() {
        learnAandB();
        delete(store);
        try (ForgettingListener listener = onDisk(store);
                var manager = model.getNDManager().newSubManager()) {
            listener.nextTask("c");
            assertThatThrownBy(() -> listener.remember(model, Toy.dataset(manager, 0)))
                    .hasMessageContaining("knows tasks [a, b]");
        }
    }

    @Test
    void theStoreOfAnotherMemoryIsRefusedAndLeftAsItIs() {
        learnAandB();
        Path other = folder.resolve("other");
        try (Model second = Toy.model();
                ForgettingListener listener = er(Map.of("directory", other))) {
            listener.nextTask("next");
            Toy.fit(second, 0, 1, listener);
        }
        ForgettingListener small =
                ForgettingListener.builder()
                        .addStrategy("er", Map.of("directory", other, "samples", 10))
                        .optMemory(memory)
                        .build();
        assertRefused(small, "[a, b]", "is another store, with samples of [next]");
        assertThat(stored(other)).isEqualTo(Map.of("next", 256L));
    }

    @Test
    void anOlderCopyOfTheStoreIsRefused() {
        Path older = folder.resolve("older");
        try (ForgettingListener listener = onDisk(store)) {
            listener.nextTask("a");
            Toy.fit(model, 0, 1, listener);
        }
        copy(store, older);
        try (ForgettingListener listener = onDisk(store)) {
            listener.nextTask("b");
            Toy.fit(model, 1, 1, listener);
        }
        // However often: what is refused does not grow newer by it.
        for (int attempt = 0; attempt < 5; attempt++) {
            assertRefused(onDisk(older), "knows tasks [b] with 256", "is an older state of it");
            try (ForgettingListener listener = onDisk(older)) {
                assertThatThrownBy(() -> listener.erase("nobody"))
                        .hasMessageContaining("knows tasks [b]");
            }
        }
    }

    @Test
    void aCopyOfTheWholeStoreServesAsWell() {
        learnAandB();
        Path moved = folder.resolve("moved");
        copy(store, moved);
        try (ForgettingListener listener = onDisk(moved)) {
            Toy.fit(model, 0, 1, listener);
            assertThat(listener.effect("er").orElseThrow().gradientShare()).isPositive();
        }
    }

    /** What can become of the files of a store. */
    enum Accident {
        ARRAYS_MISSING,
        ARRAYS_CUT,
        ARRAYS_OVERWRITTEN,
        INDEX_MISSING,
        INDEX_EMPTY,
        INDEX_OVERWRITTEN
    }

    @ParameterizedTest
    @EnumSource(Accident.class)
    void damageIsFoundBeforeTheFirstStep(Accident accident) throws IOException {
        learnAandB();
        String file = accident.name().startsWith("INDEX") ? "index.mv" : "payload-0.rows";
        damage(accident, store.resolve(file));
        float[] before = weights();
        assertRefused(onDisk(store), file);
        assertThat(weights()).isEqualTo(before);
    }

    @Test
    void whatIsLeftOfADamagedStoreIsRehearsed() throws IOException {
        learnAandB();
        damage(Accident.ARRAYS_CUT, store.resolve("payload-0.rows"));
        assertRefused(onDisk(store), "samples of the tasks [", "listener.continueWithout(");
        try (ForgettingListener listener = onDisk(store)) {
            listener.continueWithout("a", "b");
            listener.nextTask("next");
            Toy.fit(model, 0, 1, listener);
            assertThat(listener.effect("er").orElseThrow().gradientShare()).isPositive();
        }
        Map<String, Long> left = stored(store);
        assertThat(left.get("a") + left.getOrDefault("b", 0L)).isBetween(200L, 300L);
        assertThat(left).containsEntry("next", 256L);
    }

    @Test
    void rowsInTheMemoryDirectoryAreNotForgottenForAStoreOnDiskNorTheOtherWayRound() {
        try (ForgettingListener listener = inMemory()) {
            learnAandB(listener);
        }
        assertRefused(onDisk(store), "[a, b] with 512 samples kept in the memory directory");
        delete(memory);
        delete(store);
        learnAandB();
        assertRefused(
                inMemory(), "512 samples kept in " + store, "the memory directory holds none");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DROP ALL OBJECTS",
                "DELETE FROM engram_sample",
                "DELETE FROM engram_memory; DELETE FROM engram_sample"
            })
    void rowsThatAreGoneFromADatabaseAreMissed(String accident) throws SQLException {
        JdbcDataSource database = new JdbcDataSource();
        database.setURL("jdbc:h2:mem:lost" + accident.hashCode() + ";DB_CLOSE_DELAY=-1");
        try (ForgettingListener listener = inDatabase(database)) {
            learnAandB(listener);
        }
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(accident);
        }
        assertRefused(inDatabase(database), "knows tasks [a, b] with 512 samples", "holds none");
    }

    @Test
    void anErasureSaysThatTheLostStoreMayHoldMoreAndTheMemoryStillKnowsOfIt() {
        learnAandB();
        Path backup = folder.resolve("backup");
        copy(store, backup);
        delete(store);
        try (ForgettingListener listener = onDisk(store)) {
            assertThatThrownBy(() -> listener.erase("Ada"))
                    .hasMessageContaining("NOT complete")
                    .hasMessageContaining("knows tasks [a, b]");
        }
        assertRefused(onDisk(store), "[a, b] with 512 samples");
        delete(store);
        copy(backup, store);
        try (ForgettingListener listener = onDisk(store)) {
            assertThat(listener.erase("Ada")).isEqualTo(512);
        }
        // What was erased is not missed.
        try (ForgettingListener listener = onDisk(store)) {
            Toy.fit(model, 0, 1, listener);
            assertThat(listener.tasks()).hasSize(3);
        }
    }

    /** The refused task was never begun, so giving it up must cost nothing. */
    @Test
    void aTaskThatIsRefusedForItsNameLeavesTheSamplesThere() {
        try (ForgettingListener first = er(Map.of("directory", store))) {
            Toy.fit(model, 0, 1, first);
        }
        try (ForgettingListener second = er(Map.of("directory", store))) {
            assertThatThrownBy(() -> Toy.fit(model, 1, 1, second))
                    .hasMessageContaining("already holds samples of a task \"task-1\"");
            assertThat(second.erase("nobody")).isZero();
        }
        try (ForgettingListener third = er(Map.of("directory", store))) {
            third.nextTask("another");
            Toy.fit(model, 1, 1, third);
        }
        assertThat(stored(store)).containsEntry("task-1", 256L);
    }

    private void learnAandB() {
        try (ForgettingListener listener = onDisk(store)) {
            learnAandB(listener);
        }
    }

    private void learnAandB(ForgettingListener listener) {
        listener.nextTask("a");
        Toy.fit(model, 0, 1, listener);
        listener.nextTask("b");
        Toy.fit(model, 1, 1, listener);
    }

    private void assertRefused(ForgettingListener listener, String... parts) {
        try (listener) {
            listener.nextTask("next");
            var refused =
                    assertThatThrownBy(() -> Toy.fit(model, 0, 1, listener))
                            .isInstanceOf(EngramException.class);
            for (String part : parts) {
                refused.hasMessageContaining(part);
            }
        }
    }

    private ForgettingListener onDisk(Path directory) {
        return ForgettingListener.builder()
                .addStrategy("er", Map.of("directory", directory, "every", 1))
                .optSubjects(batch -> Collections.nCopies(32, "Ada"))
                .optMemory(memory)
                .build();
    }

    private ForgettingListener inMemory() {
        return ForgettingListener.builder().addStrategy("er").optMemory(memory).build();
    }

    private ForgettingListener inDatabase(JdbcDataSource database) {
        ReplayBuffer source =
                ReplayBuffer.builder()
                        .optStore(
                                manager ->
                                        JdbcStore.builder()
                                                .setDataSource(database)
                                                .setMemory("test")
                                                .build())
                        .build();
        return ForgettingListener.builder()
                .addGuard(RehearsalGuard.builder().setName("er").setSource(source).build())
                .optMemory(memory)
                .build();
    }

    private static ForgettingListener er(Map<String, ?> settings) {
        return ForgettingListener.builder().addStrategy("er", settings).build();
    }

    private float[] weights() {
        return model.getBlock().getParameters().values().get(0).getArray().toFloatArray();
    }

    private static Map<String, Long> stored(Path directory) {
        Map<String, Long> counts = new TreeMap<>();
        try (DiskStore disk = DiskStore.builder().setDirectory(directory).build()) {
            disk.forEach(key -> counts.merge(key.task(), 1L, Long::sum));
        }
        return counts;
    }

    private static void damage(Accident accident, Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        switch (accident) {
            case ARRAYS_MISSING, INDEX_MISSING -> Files.delete(file);
            case ARRAYS_CUT -> Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
            case INDEX_EMPTY -> Files.write(file, new byte[0]);
            case ARRAYS_OVERWRITTEN, INDEX_OVERWRITTEN -> {
                Arrays.fill(bytes, (byte) 7);
                Files.write(file, bytes);
            }
        }
    }

    private static void copy(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> found = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : found) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
