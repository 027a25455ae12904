package dev.engram.tck;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.tck.WrongProvider.Fault;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.platform.engine.TestExecutionResult.Status;

/** A sound provider passes each rule, and for each there is a wrong one that it catches. */
class ProviderContractTest {

    @AfterEach
    void sound() {
        WrongProvider.fault = Fault.NONE;
    }

    @ParameterizedTest
    @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
    void aRuleLetsASoundProviderPassAndCatchesAWrongOne(Fault rule) {
        WrongProvider.fault = Fault.NONE;
        assertThat(Verdict.of(Tried.class, rule.name())).as("sound").isEqualTo(Status.SUCCESSFUL);
        WrongProvider.fault = rule;
        assertThat(Verdict.of(Tried.class, rule.name())).as("wrong").isEqualTo(Status.FAILED);
    }

    @Test
    void ruleP1SaysThatThereIsNoPublicConstructor() {
        WrongProvider.fault = Fault.P1;
        assertThat(Verdict.message(Tried.class, "P1"))
                .startsWith("P1 MUST: it is found by ServiceLoader")
                .contains("public constructors of class dev.engram.tck.ProviderContractTest$");
    }

    static final class Tried extends ProviderContract {

        @Override
        protected StrategyProvider provider() {
            return WrongProvider.fault == Fault.P1 ? new Unlisted() : new WrongProvider();
        }

        @Override
        protected Map<String, ?> otherSettings() {
            return Map.of("rounds", 2);
        }
    }

    /** No service file names it. */
    public static final class Unlisted implements StrategyProvider {

        Unlisted() {}

        @Override
        public String id() {
            return "unlisted";
        }

        @Override
        public String spiVersion() {
            return SpiVersion.CURRENT;
        }

        @Override
        public String description() {
            return "Nobody finds it.";
        }

        @Override
        public List<Setting<?>> settings() {
            return List.of();
        }

        @Override
        public Strategy create(Settings settings) {
            throw new UnsupportedOperationException();
        }
    }
}
