package dev.engram.djl.internal.wiring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.SettingsException;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.Strategy;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.TrainedPoints;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A strategy that is no more than an importance protects as the penalties here do. */
class ImportanceByIdTest {

    private static final Setting<String> GAMMA = Setting.text("gamma", "0.9", "text", "Another.");

    private final FakeStrategy ema = new FakeStrategy("acme-ema");
    private FakeImportance importance = new FakeImportance();

    ImportanceByIdTest() {
        ema.roles = () -> Set.of(Role.IMPORTANCE);
        ema.create = () -> Strategy.of(importance);
    }

    @Test
    void itIsJoinedWithThePenaltyAndItsSettings() {
        double weak = penaltyAfterTwoTasks(0.001);
        importance = new FakeImportance();
        double strong = penaltyAfterTwoTasks(1);
        assertThat(weak).isPositive();
        assertThat(strong).isGreaterThan(10 * weak);
        assertThat(importance.isClosed).isTrue();
    }

    private double penaltyAfterTwoTasks(double lambda) {
        return penaltyAfterTwoTasks(Map.of("lambda", lambda));
    }

    private double penaltyAfterTwoTasks(Map<String, ?> settings) {
        try (Model model = TrainedPoints.model();
                ForgettingListener listener = with(settings).build()) {
            TrainedPoints.fit(model, 0, listener);
            TrainedPoints.fit(model, 1, listener);
            return listener.effect("acme-ema").map(GuardEffect::penalty).orElseThrow();
        }
    }

    @Test
    void itsStateGoesOnInAnotherListenerOverTheMemory(@TempDir Path folder) {
        importance.version = 3;
        try (Model model = TrainedPoints.model()) {
            train(model, folder, 0);
            importance = new FakeImportance();
            importance.version = 4;
            train(model, folder, 1);
            assertThat(importance.restoredVersion).isEqualTo(3);
            assertThat(importance.tasks).isEqualTo(2);
            importance = new FakeImportance();
            importance.version = 2;
            assertThatThrownBy(() -> train(model, folder, 0))
                    .hasMessageContaining("Strategy \"acme-ema\"")
                    .hasMessageContaining("written as version 4 of its state")
                    .hasMessageContaining("knows up to 2");
        }
    }

    private void train(Model model, Path folder, int task) {
        try (ForgettingListener listener = with(Map.of()).optMemory(folder).build()) {
            TrainedPoints.fit(model, task, listener);
        }
    }

    @Test
    void aSettingOfItsOwnGoesBeforeASharedOneOfTheSameKey() {
        ema.settings = () -> List.of(GAMMA);
        String[] seen = {""};
        ema.createWith =
                (settings, parts) -> {
                    seen[0] = settings.get(GAMMA);
                    return Strategy.of(importance);
                };
        with(Map.of("gamma", "0.5", "merging", "online")).build().close();
        assertThat(seen[0]).isEqualTo("0.5");
    }

    @Test
    void aSharedSettingHasTheDefaultThatTheStrategyDeclares() {
        double plain = penaltyAfterTwoTasks(1);
        ema.settings = () -> List.of(lambda(1));
        importance = new FakeImportance();
        assertThat(penaltyAfterTwoTasks(Map.of())).isEqualTo(plain);
        importance = new FakeImportance();
        assertThat(penaltyAfterTwoTasks(0.001)).isPositive().isLessThan(plain / 10);
    }

    @Test
    void whatAStrategyAcceptsOfASharedSettingTheRuntimeMustAcceptToo() {
        ema.settings = () -> List.of(lambda(-1));
        assertThatThrownBy(with(Map.of())::build)
                .hasMessageContaining("Strategy \"acme-ema\" declares the setting \"lambda\"")
                .hasMessageContaining(
                        "lambda = \"-1.0\" is not acceptable: write a number of at least 0");
        ema.settings = () -> List.of(lambda(1));
        assertThatThrownBy(with(Map.of("lambda", -2))::build)
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining(
                        "lambda = \"-2.0\" is not acceptable: write a number of at least 0");
        ema.settings = () -> List.of(Setting.text("gamma", "own", "text", "Of another kind."));
        assertThatThrownBy(with(Map.of())::build)
                .hasMessageContaining(
                        "gamma = \"own\" is not acceptable: write a number from 0 to 1");
    }

    @Test
    void aSharedSettingThatMayBeAbsentLeavesTheRuntimesDefault() {
        double plain = penaltyAfterTwoTasks(Map.of());
        ema.settings = () -> List.of(Setting.optionalNumber("lambda", 0, 10, "Strength."));
        importance = new FakeImportance();
        assertThat(penaltyAfterTwoTasks(Map.of())).isEqualTo(plain);
    }

    private static Setting<Double> lambda(double unlessSet) {
        return Setting.number("lambda", unlessSet, -5, 10, "Strength.");
    }

    @Test
    void aRoleThatIsNotFulfilledOrNotStatedIsRefused() {
        ema.create = () -> Strategy.of(new FakeGuard("made"));
        assertThatThrownBy(with(Map.of())::build)
                .hasMessageContaining("plays the role \"importance\", but create(...) made")
                .hasMessageContaining("a guard (dev.engram.djl.internal.wiring.FakeGuard)")
                .hasMessageContaining("return Strategy.of(...) of an ImportanceEstimator");
        ema.create = () -> Strategy.of(importance);
        ema.roles = Set::of;
        assertThatThrownBy(with(Map.of())::build)
                .hasMessageContaining("its provider's roles() have it not");
        assertThat(importance.isClosed).isTrue();
    }

    @Test
    void aSharedSettingOfAStrategyWhoseRoleWasLeftOutSaysWhatIsMissing() {
        ema.roles = Set::of;
        assertThatThrownBy(with(Map.of("lambda", 1))::build)
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("unknown setting \"lambda\"")
                .hasMessageContaining("adds it to strategies whose role is \"importance\"")
                .hasMessageContaining(
                        "roles() of dev.engram.djl.internal.wiring.FakeStrategy says []");
    }

    @Test
    void aVersionBelowOneIsRefusedBeforeAnythingTrains() {
        importance.version = 0;
        assertThatThrownBy(with(Map.of())::build)
                .hasMessageContaining("\"acme-ema\" states version 0 of its state: 1 is the first");
    }

    @Test
    void aNeedThatIsNotKnownHereIsRefusedWithBothVersions() {
        ema.needs = () -> Set.of("time-travel");
        ema.version = () -> "1.7";
        assertThatThrownBy(with(Map.of())::build)
                .hasMessageContaining("\"acme-ema\" needs [time-travel]")
                .hasMessageContaining("built for SPI 1.7; this is Engram")
                .hasMessageContaining("with SPI 1.0");
    }

    @Test
    void twoSettingsOfOneKeyAreRefused() {
        ema.settings = () -> List.of(GAMMA, Setting.flag("gamma", true, "A twin."));
        assertThatThrownBy(with(Map.of())::build)
                .hasMessageContaining("Strategy \"acme-ema\" declares two settings \"gamma\"");
    }

    private ForgettingListener.Builder with(Map<String, ?> settings) {
        return ForgettingListener.builder()
                .addModule(FakeStrategy.module(ema))
                .addStrategy("acme-ema", settings);
    }
}
