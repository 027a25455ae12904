package dev.engram.api.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.engram.api.spi.Role;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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

    @Test
    void aFlagIsTrueOrFalseAndNothingElse() {
        Setting<Boolean> flag = Setting.flag("loud", false, "Whether it is loud.");
        assertThat(flag.defaultValue()).isFalse();
        assertThat(flag.parse(true)).isTrue();
        assertThat(flag.parse("FALSE")).isFalse();
        assertThatThrownBy(() -> flag.parse("yes"))
                .hasMessage("loud = \"yes\" is not acceptable: write true or false");
    }

    @Test
    void aListIsReadFromTextAndFromCollections() {
        Setting<List<String>> list = Setting.list("layers", List.of("a"), "names", "Layers.");
        assertThat(list.parse("x, y ,z")).containsExactly("x", "y", "z");
        assertThat(list.parse(List.of("x", "y"))).containsExactly("x", "y");
        assertThat(list.parse("")).isEmpty();
        assertThat(list.parse(list.format(List.of("x", "y")))).containsExactly("x", "y");
        assertThatThrownBy(() -> list.parse("x,,y")).hasMessageContaining("write names");
        assertThatThrownBy(() -> UNIT.parse(List.of("days")))
                .hasMessageContaining("unit = \"[days]\" is not acceptable");
    }

    @Test
    void anOptionalValueIsNothingUnlessSetAndRefusesTheEmptyText() {
        Setting<Optional<Integer>> most = Setting.optionalInteger("most", 1, 9, "The most.");
        assertThat(most.defaultValue()).isEmpty();
        assertThat(most.parse(3)).contains(3);
        assertThat(most.format(Optional.of(3))).isEqualTo("3");
        assertThat(most.format(Optional.empty())).isEmpty();
        assertThatThrownBy(() -> most.parse(10))
                .hasMessage("most = \"10\" is not acceptable: write a whole number from 1 to 9");
        Setting<Optional<Path>> folder = Setting.optionalPath("folder", "Where.");
        assertThat(folder.parse(Path.of("a/b"))).contains(Path.of("a/b"));
        assertThatThrownBy(() -> folder.parse(" ")).hasMessageEndingWith("write a path");
        assertThatThrownBy(() -> folder.parse(17))
                .hasMessage("folder = \"17\" is not acceptable: write a path");
        assertThat(folder.parse("17")).contains(Path.of("17"));
        assertThat(Setting.optionalNumber("x", 0, 1, "X.").parse("0.5")).contains(0.5);
        assertThat(Setting.optionalText("x", "a word", "X.").parse("w")).contains("w");
        assertThat(Setting.path("x", Path.of("."), "X.").parse("y")).isEqualTo(Path.of("y"));
    }

    @Test
    void aWholeNumberMayNeedSixtyFourBits() {
        Setting<Long> whole = Setting.wholeNumber("n", 1, 0, Long.MAX_VALUE, "N.");
        assertThat(whole.accepts()).isEqualTo("a whole number of at least 0");
        assertThat(whole.parse("9000000000")).isEqualTo(9_000_000_000L);
    }

    @Test
    void onlyASettingForAStrategyHasARole() {
        Setting<Optional<String>> source = Setting.strategy("source", Role.SOURCE, "Where from.");
        assertThat(source.strategyRole()).contains(Role.SOURCE);
        assertThat(source.parse("acme")).contains("acme");
        assertThat(LAMBDA.strategyRole()).isEmpty();
    }

    @Test
    void noTextHasTheLargestNumberOfItsType() {
        assertThat(Setting.wholeNumber("n", 1, Long.MIN_VALUE, Long.MAX_VALUE, "N.").accepts())
                .isEqualTo("a whole number");
    }
}
