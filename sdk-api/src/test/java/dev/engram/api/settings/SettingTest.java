package dev.engram.api.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingTest {

    private static final Setting<Double> LAMBDA = Setting.number("lambda", 1, 0, 10, "Strength.");
    private static final Setting<TimeUnit> UNIT =
            Setting.choice("unit", TimeUnit.SECONDS, "A unit.");

    @ParameterizedTest
    @ValueSource(strings = {"-1", "11", "NaN", "Infinity", "many", ""})
    void aNumberOutsideItsBoundsSaysWhatWasSeenAndWhatToWrite(String raw) {
        assertThatThrownBy(() -> LAMBDA.parse(raw))
                .hasMessage(
                        "lambda = \"%s\" is not acceptable: write a number from 0 to 10"
                                .formatted(raw));
    }

    @Test
    void boundsThatOnlyTheTypeSetsAreNotToldAndOthersShort() {
        assertThat(Setting.number("x", 1, 0, Double.MAX_VALUE, "X.").accepts())
                .isEqualTo("a number of at least 0");
        assertThat(Setting.number("x", 1, -Double.MAX_VALUE, Double.MAX_VALUE, "X.").accepts())
                .isEqualTo("a number");
        assertThat(Setting.number("x", 1, 1e-9, 1e12, "X.").accepts())
                .isEqualTo("a number from 1e-9 to 1e12");
        assertThat(Setting.number("x", 1, -Double.MAX_VALUE, 0.25, "X.").accepts())
                .isEqualTo("a number of at most 0.25");
        assertThat(Setting.integer("x", 1, 1, Integer.MAX_VALUE, "X.").accepts())
                .isEqualTo("a whole number of at least 1");
        assertThat(Setting.integer("x", 1, Integer.MIN_VALUE, Integer.MAX_VALUE, "X.").accepts())
                .isEqualTo("a whole number");
        assertThat(Setting.integer("x", 1, 0, 1_000_000, "X.").accepts())
                .isEqualTo("a whole number from 0 to 1000000");
    }

    @Test
    void valuesAreReadFromTheirOwnTypeAndFromText() {
        assertThat(LAMBDA.parse(2.5)).isEqualTo(2.5);
        assertThat(LAMBDA.parse(" 1e0 ")).isEqualTo(1.0);
        assertThat(UNIT.parse(TimeUnit.DAYS)).isEqualTo(TimeUnit.DAYS);
        assertThat(UNIT.parse("milliseconds")).isEqualTo(TimeUnit.MILLISECONDS);
    }

    @Test
    void whatIsFormattedIsReadBack() {
        assertThat(UNIT.parse(UNIT.format(TimeUnit.HOURS))).isEqualTo(TimeUnit.HOURS);
        assertThat(LAMBDA.parse(LAMBDA.format(0.1 + 0.2))).isEqualTo(0.1 + 0.2);
    }

    @Test
    void anUnknownChoiceListsTheKnownOnes() {
        assertThatThrownBy(() -> UNIT.parse("weeks")).hasMessageContaining("one of nanoseconds, ");
    }
}
