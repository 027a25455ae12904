package dev.engram.djl.internal.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.training.loss.Loss;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.task.Task;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EpochReportTest {

    @Test
    void anEffectNextToNothingIsSaidLoudlyInThreeDigits() {
        assertThat(said(GuardEffect.of(0.1234567, 1.23456789e-9)))
                .contains("NO EFFECT in epoch 1")
                .contains("1.23e-09");
        assertThat(said(GuardEffect.of(0.1234567, 1e-3))).doesNotContain("NO EFFECT");
    }

    private static String said(GuardEffect... effects) {
        PrintStream standard = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            Effects guard = new Effects(List.of(effects).iterator());
            EpochReport report = new EpochReport();
            for (int epoch = 1; epoch <= effects.length; epoch++) {
                TrainingView view = new Training(Task.named("t"), List.of(), Loss.l2Loss(), null);
                report.of(guard, view, epoch);
            }
        } finally {
            System.setErr(standard);
        }
        return said.toString(StandardCharsets.UTF_8);
    }

    private record Effects(Iterator<GuardEffect> effects) implements ForgettingGuard {

        @Override
        public String name() {
            return "effects";
        }

        @Override
        public Optional<GuardEffect> effect() {
            return Optional.of(effects.next());
        }

        @Override
        public void save(MemoryWriter memory) {}

        @Override
        public void restore(MemoryReader memory) {}
    }
}
