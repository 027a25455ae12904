package dev.engram.release;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BomTest {

    @Test
    void theBomPinsWhatIsPublishedAndNothingElseOfEngram() {
        assertThat(Modules.pinned())
                .containsExactlyInAnyOrderElementsOf(
                        Modules.published().stream().map(Modules::artifact).toList())
                .hasSizeGreaterThan(9);
    }
}
