package dev.engram.assistant.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class HashedWordsTest {

    private static final int ROWS = 4096;

    private final HashedWords hashed = new HashedWords(ROWS);

    @Test
    void wordsAreLowerCaseWithoutPunctuationAndEveryDigitIsZero() {
        assertThat(HashedWords.words("What's my W-2, for 2019?!"))
                .containsExactly("what's", "my", "w", "0", "for", "0000");
    }

    @Test
    void aSentenceIsPaddedAtItsEndAndALongOneIsCut() {
        long[] some = hashed.encode("pay my bill");
        assertThat(some).hasSize(HashedWords.LENGTH * HashedWords.HASHES);
        assertThat(Arrays.copyOf(some, 9)).doesNotContain(HashedWords.PADDING, HashedWords.HIDDEN);
        assertThat(LongStream.of(some).skip(9)).containsOnly((long) HashedWords.PADDING);
        assertThat(hashed.encode("word ".repeat(40))).doesNotContain((long) HashedWords.PADDING);
        assertThat(hashed.encode("")).containsOnly((long) HashedWords.PADDING);
    }

    @Test
    void wordsOfOneStemShareARowAndAllRowsAreInTheTable() {
        long[] one = hashed.encode("reserve");
        long[] other = hashed.encode("reservation");
        assertThat(one[2]).isEqualTo(other[2]);
        assertThat(one[0]).isNotEqualTo(other[0]);
        assertThat(LongStream.of(one).limit(3).allMatch(row -> row >= 2 && row < ROWS)).isTrue();
    }

    @Test
    void theRowsAreTheSameInEveryProcess() {
        assertThat(Arrays.copyOf(hashed.encode("balance"), 3)).containsExactly(3228, 2090, 1938);
    }
}
