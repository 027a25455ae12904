package dev.engram.replay.source;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import dev.engram.replay.store.SampleStore;
import dev.engram.replay.store.jdbc.JdbcStore;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Buffers of several processes over one database. */
class SharedDatabaseTest {

    private static final Task OLD = Task.named("old");
    private static final Task NEW = Task.named("new");

    private final String database = UUID.randomUUID().toString();
    private final AtomicLong now = new AtomicLong(1_000_000);
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
    void whatAnotherProcessErasesIsNotMissedByATrainingThatDraws() {
        try (ReplayBuffer training = buffer();
                ReplayBuffer office = buffer()) {
            feed(training, OLD, "Ada");
            feed(training, OLD, "Bob");
            assertThat(drawn(training)).isEqualTo(20);
            assertThat(office.erase("Ada")).isEqualTo(10);
            // One draw was read ahead before.
            drawn(training);
            assertThat(drawn(training)).isEqualTo(10);
            assertThat(office.erase("Bob")).isEqualTo(10);
            drawn(training);
            assertThat(drawn(training)).isZero();
        }
    }

    @Test
    void samplesExpireForAllWhoShareThem() {
        try (ReplayBuffer one = buffer();
                ReplayBuffer other = buffer()) {
            feed(one, OLD, "Ada");
            stored(one);
            assertThat(drawn(other)).isEqualTo(10);
            now.addAndGet(60_000);
            feed(one, OLD, "Bob");
            assertThat(drawn(one)).isEqualTo(10);
            assertThat(drawn(other)).isZero();
        }
        try (ReplayBuffer later = buffer()) {
            assertThat(drawn(later)).isEqualTo(10);
        }
    }

    @Test
    void whatAnotherStoredEarlierExpiresFirst() {
        try (ReplayBuffer one = buffer();
                ReplayBuffer other = buffer()) {
            assertThat(drawn(other)).isZero();
            feed(one, OLD, "Ada");
            stored(one);
            now.addAndGet(20_000);
            feed(other, OLD, "Bob");
            // Now it knows what one has stored.
            other.erase("nobody");
            // One draw, of nothing, was read ahead before.
            drawn(other);
            assertThat(drawn(other)).isEqualTo(20);
            now.addAndGet(15_000);
            assertThat(drawn(other)).isEqualTo(10);
        }
    }

    /** The first is never closed, as if its process had been killed. */
    @Test
    void aTaskWhoseProcessDiedBeginsAgainWithoutWhatItLeft() {
        ReplayBuffer killed = buffer();
        learn(killed, OLD);
        killed.onTaskBegin(new Ended(NEW, manager));
        feed(killed, NEW, "Ada");
        stored(killed);
        try (ReplayBuffer again = buffer()) {
            again.onTaskBegin(new Ended(NEW, manager));
            assertThat(again.tasks()).containsExactly("old");
            assertThat(again.size()).isEqualTo(10);
        }
    }

    private void learn(ReplayBuffer buffer, Task task) {
        buffer.onTaskBegin(new Ended(task, manager));
        feed(buffer, task, "Ada");
        buffer.onTaskEnd(new Ended(task, manager));
    }

    private void feed(ReplayBuffer buffer, Task task, String who) {
        try (NDManager scope = manager.newSubManager()) {
            NDList data = new NDList(scope.ones(new Shape(10, 1)));
            buffer.observe(
                    ObservedBatch.of(
                            task, data, new NDList(), new NDList(), Collections.nCopies(10, who)));
        }
    }

    /** Waits until others can read what a buffer was fed: it reads, after it wrote, itself. */
    private void stored(ReplayBuffer buffer) {
        assertThat(drawn(buffer)).isEqualTo(10);
    }

    private int drawn(ReplayBuffer buffer) {
        try (NDManager scope = manager.newSubManager()) {
            List<ReplayedBatch> batches = buffer.draw(NEW, 20, scope);
            return batches.stream().mapToInt(ReplayedBatch::size).sum();
        }
    }

    private ReplayBuffer buffer() {
        JdbcDataSource source = new JdbcDataSource();
        source.setURL("jdbc:h2:mem:" + database + ";DB_CLOSE_DELAY=-1");
        InstantSource instants = () -> Instant.ofEpochMilli(now.get());
        Clock clock = instants.withZone(ZoneOffset.UTC);
        return ReplayBuffer.builder()
                .optTimeToLive(Duration.ofSeconds(30))
                .optClock(clock)
                .optStore(
                        any ->
                                slow(
                                        JdbcStore.builder()
                                                .setDataSource(source)
                                                .setMemory("m")
                                                .build()))
                .build();
    }

    /** Returns a store that others can read the samples of some time after they were fed. */
    private static SampleStore slow(SampleStore store) {
        return (SampleStore)
                Proxy.newProxyInstance(
                        SampleStore.class.getClassLoader(),
                        new Class<?>[] {SampleStore.class},
                        (proxy, method, arguments) -> {
                            if (method.getName().equals("apply")) {
                                Thread.sleep(50);
                            }
                            try {
                                return method.invoke(store, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        });
    }
}
