package dev.engram.djl.internal.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PatienceTest {

    private final AtomicLong now = new AtomicLong();
    private final Patience patience = new Patience(now::get);

    @Test
    void workTakesTheLeastOfSomeTimes() {
        AtomicLong taken = new AtomicLong(4_000_000_000L);
        double seconds =
                patience.seconds(() -> now.addAndGet(taken.updateAndGet(nanos -> nanos / 2)));
        assertThat(seconds).isEqualTo(0.5);
    }

    @Test
    void itLastsForTheFirstPartAndUntilTheLimit() {
        now.set(400_000_000_000L);
        assertThat(patience.lasts(0, 10)).isTrue();
        assertThat(patience.lasts(5, 10)).isFalse();
        now.set(299_000_000_000L);
        assertThat(patience.lasts(5, 10)).isTrue();
    }
}
