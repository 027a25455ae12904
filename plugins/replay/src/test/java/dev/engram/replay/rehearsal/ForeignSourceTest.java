package dev.engram.replay.rehearsal;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.engram.api.EngramException;
import dev.engram.api.replay.ReplaySource;
import dev.engram.kit.rehearsal.RehearsalGuard;
import java.lang.reflect.Proxy;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A source of somebody else's that fails is named, with the call. */
class ForeignSourceTest {

    @ParameterizedTest
    @ValueSource(strings = {"erase", "save", "close"})
    void itsErrorsNameItAndTheCall(String call) {
        RehearsalGuard guard = RehearsalGuard.builder().setSource(failing(call)).build();
        assertThatThrownBy(
                        () -> {
                            switch (call) {
                                case "erase" -> guard.erase("Ada");
                                case "save" -> guard.save(null);
                                default -> guard.close();
                            }
                        })
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("Replay source")
                .hasMessageContaining("failed in " + call)
                .hasMessageContaining("no such column")
                .hasMessageContaining("versions that do not fit");
    }

    private static ReplaySource failing(String call) {
        return (ReplaySource)
                Proxy.newProxyInstance(
                        ReplaySource.class.getClassLoader(),
                        new Class<?>[] {ReplaySource.class},
                        (proxy, method, arguments) -> {
                            if (method.getName().equals(call)) {
                                throw new NoSuchFieldError("no such column");
                            }
                            return method.getReturnType() == boolean.class ? true : null;
                        });
    }
}
