package dev.engram.api.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.util.PairList;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.task.Task;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What plug-ins implement grows by default methods only: each class here has just the methods that
 * were abstract in SPI 1.0 and must compile, and work, for as long as the major is 1.
 */
class OldImplementersTest {

    @Test
    void aProviderOfSpiOneNeedsNothingConflictsWithNothingAndPlaysNoRole() {
        StrategyProvider old = new OldProvider();
        assertThat(old.roles()).isEmpty();
        assertThat(old.excludedRoles()).isEmpty();
        assertThat(old.needs()).isEmpty();
        assertThat(old.create(null).guard()).isPresent();
        assertThat(old.create(null).isolation()).isEmpty();
        assertThat(old.create(null, StrategyParts.none()).guard()).isPresent();
    }

    @Test
    void aGuardOfSpiOneIsCalledWithoutHarmAndCannotAnchorWithoutData() {
        ForgettingGuard old = new OldGuard();
        old.onTrainerBegin(null);
        old.onTrainerEnd(null);
        old.onTaskBegin(null);
        old.onParametersChanged(null);
        assertThat(old.looksAtGradients()).isTrue();
        old.onGradient(null);
        old.onBackward(null);
        assertThat(old.addsToLoss()).isFalse();
        assertThat(old.onLoss(null)).isEmpty();
        assertThat(old.looksAtUpdates()).isFalse();
        assertThat(old.comparesUpdate(1)).isTrue();
        old.onUpdate(null);
        old.onWeightsRead(null);
        old.onStep(null);
        old.onEpoch(null);
        old.prepareTaskEnd(null);
        old.onTaskEnd(null);
        old.onTaskAborted(null);
        old.continueWithout(Set.of("lost"));
        old.close();
        assertThat(old.stateVersion()).isEqualTo(1);
        assertThat(old.effect()).isEmpty();
        assertThat(old.roles()).isEmpty();
        assertThat(old.needsSamples()).isTrue();
        assertThat(old.erase("anyone")).isZero();
        assertThatThrownBy(() -> old.onAnchor(null)).hasMessageContaining("\"old\" needs samples");
        assertThat(old.protectsBase()).isFalse();
        assertThatThrownBy(() -> old.onBase(null)).hasMessageContaining("\"old\" needs data");
    }

    @Test
    void anEstimatorOfSpiOneIsCalledWithoutHarm() {
        ImportanceEstimator old = new OldEstimator();
        old.onTaskBegin(null);
        old.onParametersChanged(null);
        old.onBackward(null);
        old.onStep(null);
        old.onEpoch(null);
        old.close();
        assertThat(old.needsSamples()).isTrue();
        assertThat(old.looksAtGradients()).isTrue();
        assertThat(old.estimate(null)).isEmpty();
        old.save(null);
        old.restore(null);
        assertThat(old.stateVersion()).isEqualTo(1);
    }

    @Test
    void aReplaySourceOfSpiOneIsCalledWithoutHarm() {
        ReplaySource old = new OldSource();
        old.onTaskBegin(null);
        old.onEpoch();
        old.continueWithout(Set.of("lost"));
        old.onTaskEnd(null);
        old.onBase(null);
        assertThat(old.protectsBase()).isFalse();
        old.compact();
        assertThat(old.isOnline()).isTrue();
        assertThat(old.stateVersion()).isEqualTo(1);
    }

    @Test
    void aReplayedBatchOfSpiOneIsOfNobody() {
        assertThat(new OldBatch(new NDList(), 1).subjects()).isEmpty();
        assertThat(
                        ReplayedBatch.of(
                                        new NDList(),
                                        new NDList(),
                                        new NDList(),
                                        List.of("a", "b"),
                                        null)
                                .size())
                .isEqualTo(2);
    }

    private record OldBatch(NDList data, int size) implements ReplayedBatch {
        @Override
        public NDList labels() {
            return new NDList();
        }

        @Override
        public NDList predictions() {
            return new NDList();
        }

        @Override
        public List<String> tasks() {
            return List.of();
        }

        @Override
        public NDManager manager() {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void anIsolationOfSpiOneSharesNothingAndCombinesNothing() {
        ParameterIsolation old = new OldIsolation();
        assertThat(old.settings()).isEmpty();
        assertThat(old.<String>withBase(null, () -> "done")).isEqualTo("done");
        assertThat(old.stateVersion()).isEqualTo(1);
        assertThat(old.restored(1, Map.of(), null)).isEmpty();
        old.uninstall(null);
        old.close();
        assertThatThrownBy(() -> old.combine(null, Map.of()))
                .hasMessageContaining("\"old\" cannot combine tasks");
        TaskParameters task = old.create(null, Task.named("any"));
        task.onGradient(null);
        task.onBackward(null);
        assertThat(task.merged(null)).isEmpty();
        assertThat(task.products(null)).isEmpty();
        task.close();
    }

    private static final class OldIsolation implements ParameterIsolation {
        @Override
        public String name() {
            return "old";
        }

        @Override
        public TaskParameters create(BaseModel base, Task task) {
            return new TaskParameters() {
                @Override
                public PairList<String, Parameter> parameters() {
                    return new PairList<>();
                }

                @Override
                public NDList forward(ForwardPass pass) {
                    return pass.inputs();
                }
            };
        }
    }

    private static final class OldProvider implements StrategyProvider {
        @Override
        public String id() {
            return "old";
        }

        @Override
        public String spiVersion() {
            return "1.0";
        }

        @Override
        public String description() {
            return "";
        }

        @Override
        public List<Setting<?>> settings() {
            return List.of();
        }

        @Override
        public Strategy create(Settings settings) {
            return Strategy.of(new OldGuard());
        }
    }

    private static final class OldGuard implements ForgettingGuard {
        @Override
        public String name() {
            return "old";
        }

        @Override
        public void save(MemoryWriter memory) {}

        @Override
        public void restore(MemoryReader memory) {}
    }

    private static final class OldSource implements ReplaySource {
        @Override
        public void observe(ObservedBatch batch) {}

        @Override
        public Set<String> tasks() {
            return Set.of();
        }

        @Override
        public long forget(Task task) {
            return 0;
        }

        @Override
        public long available(Task unwanted) {
            return 0;
        }

        @Override
        public List<ReplayedBatch> draw(Task unwanted, int size, NDManager manager) {
            return List.of();
        }

        @Override
        public long erase(String subject) {
            return 0;
        }

        @Override
        public void save(MemoryWriter memory) {}

        @Override
        public void restore(MemoryReader memory) {}

        @Override
        public void close() {}
    }

    private static final class OldEstimator implements ImportanceEstimator {
        @Override
        public Map<String, NDArray> estimate(FinishedTask task) {
            return Map.of();
        }
    }
}
