package dev.engram.lora;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.spi.Role;
import dev.engram.djl.ForgettingListener;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A guard that compares gradients, as a-gem does, sees none of its own passes where a task's
 * parameters stand beside a model that never asks for them.
 */
class ComparingGuardsTest {

    @ParameterizedTest
    @EnumSource(Bases.class)
    void areRefusedBesideTasksOverTorchScriptAlone(Bases base) throws Exception {
        try (Model model = base.model();
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy("lora")
                                .addGuard(new Comparing())
                                .build()) {
            DefaultTrainingConfig config =
                    new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                            .addTrainingListeners(listener);
            if (base == Bases.TORCH_SCRIPT) {
                assertThatThrownBy(() -> model.newTrainer(config))
                        .isInstanceOf(EngramException.class)
                        .hasMessageContaining("[comparing] compares gradients")
                        .hasMessageContaining("TorchScript");
            } else {
                assertThatCode(() -> model.newTrainer(config).close()).doesNotThrowAnyException();
            }
        }
    }

    private static final class Comparing implements ForgettingGuard {

        @Override
        public String name() {
            return "comparing";
        }

        @Override
        public Set<String> roles() {
            return Set.of(Role.REHEARSAL, Role.PROJECTION);
        }

        @Override
        public void save(MemoryWriter memory) {}

        @Override
        public void restore(MemoryReader memory) {}
    }
}
