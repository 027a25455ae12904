package dev.engram.onnx.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class UseCountTest {

    @Test
    void whatIsInUseIsFreedWhenTheLastUseEnds() {
        AtomicInteger freed = new AtomicInteger();
        UseCount count = new UseCount(freed::incrementAndGet);
        assertThat(count.begin()).isTrue();
        assertThat(count.begin()).isTrue();
        count.retire();
        count.retire();
        assertThat(count.begin()).isFalse();
        count.end();
        assertThat(freed).hasValue(0);
        count.end();
        assertThat(freed).hasValue(1);
    }

    @Test
    void whatNobodyUsesIsFreedAtOnceAndOnlyOnce() {
        AtomicInteger freed = new AtomicInteger();
        UseCount count = new UseCount(freed::incrementAndGet);
        count.retire();
        count.retire();
        assertThat(freed).hasValue(1);
    }

    @Test
    void noUseEverSeesWhatWasFreed() throws InterruptedException {
        for (int round = 0; round < 300; round++) {
            AtomicBoolean freed = new AtomicBoolean();
            AtomicInteger wrong = new AtomicInteger();
            UseCount count = new UseCount(() -> freed.set(true));
            ExecutorService threads = Executors.newFixedThreadPool(3);
            for (int user = 0; user < 2; user++) {
                threads.execute(
                        () -> {
                            while (count.begin()) {
                                wrong.addAndGet(freed.get() ? 1 : 0);
                                count.end();
                            }
                        });
            }
            threads.execute(count::retire);
            threads.shutdown();
            assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
            assertThat(wrong).hasValue(0);
            assertThat(freed).isTrue();
        }
    }
}
