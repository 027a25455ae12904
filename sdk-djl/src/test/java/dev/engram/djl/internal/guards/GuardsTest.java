package dev.engram.djl.internal.guards;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.training.loss.Loss;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.spi.Role;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.plugin.NamedGuard;
import dev.engram.djl.internal.privacy.Erasure;
import dev.engram.djl.privacy.ErasureAudit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GuardsTest {

    @Test
    void thoseThatRehearseComeFirstTheOthersInTheOrderInWhichTheyWereAdded() {
        Guards guards =
                guards(
                        new Named("a", Set.of(Role.PENALTY)),
                        new Named("b", Set.of(Role.REHEARSAL)),
                        new Named("c", Set.of()));
        List<String> called = new ArrayList<>();
        try (guards) {
            guards.open(Device.cpu(), "PyTorch", Optional.empty());
            guards.each(
                    "now",
                    slot ->
                            new Training(
                                    Task.named("t"),
                                    List.of(),
                                    Loss.l2Loss(),
                                    slot.manager(),
                                    () -> null),
                    (guard, view) -> called.add(guard.name()));
        }
        assertThat(called).containsExactly("b", "a", "c");
    }

    @Test
    void anErasureAsksEveryGuardAndAddsUpWhatTheyRemoved() {
        try (Guards guards = guards(new Named("a", Set.of()), new Named("bb", Set.of()))) {
            Erasure erasure = new Erasure("anyone");
            guards.erase("anyone", erasure);
            assertThat(erasure.finish(ErasureAudit.ofThisProcess())).isEqualTo(3);
        }
    }

    private static Guards guards(Named... guards) {
        return new Guards(Stream.of(guards).map(NamedGuard::byHand).toList());
    }

    private record Named(String name, Set<String> roles) implements ForgettingGuard {

        @Override
        public long erase(String subject) {
            return name.length();
        }

        @Override
        public void save(MemoryWriter memory) {}

        @Override
        public void restore(MemoryReader memory) {}
    }
}
