package dev.engram.api.spi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SpiVersionTest {

    @Test
    void anyMinorOfTheSameMajorIsAccepted() {
        assertThat(SpiVersion.accepts("1.0")).isTrue();
        assertThat(SpiVersion.accepts("1.7")).isTrue();
    }

    @Test
    void anotherMajorIsRefused() {
        assertThat(SpiVersion.accepts("2.0")).isFalse();
        assertThat(SpiVersion.accepts("0.9")).isFalse();
        assertThat(SpiVersion.accepts("11.0")).isFalse();
    }
}
