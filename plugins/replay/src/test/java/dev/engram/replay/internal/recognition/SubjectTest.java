package dev.engram.replay.internal.recognition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SubjectTest {

    @Test
    void aMarkIsThatOfItsSubjectAlone() {
        String mark = Subject.mark("Ada");
        assertThat(Subject.isOf(mark, "Ada")).isTrue();
        assertThat(Subject.isOf(mark, "Eve")).isFalse();
        assertThat(Subject.isOf(mark, "")).isFalse();
        assertThat(Subject.isOf(Subject.mark(""), "")).isFalse();
    }

    @Test
    void twoSamplesOfASubjectAreNotSeenToBeOfTheSameOne() {
        assertThat(IntStream.range(0, 100).mapToObj(i -> Subject.mark("Ada")))
                .doesNotHaveDuplicates()
                .noneMatch(mark -> mark.contains(plain("Ada")));
    }

    @Test
    void whatAnEarlierVersionKeptIsStillErased() {
        assertThat(Subject.isOf(plain("Ada"), "Ada")).isTrue();
        assertThat(Subject.isOf(plain("Ada"), "Eve")).isFalse();
    }

    private static String plain(String name) {
        return Hashing.sha256().hashString(name, StandardCharsets.UTF_8).toString();
    }
}
