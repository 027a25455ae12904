package dev.engram.metalearning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import dev.engram.kit.provider.DescribedProvider;
import dev.engram.metalearning.internal.samples.TaskSamples;
import dev.engram.tck.support.SmallModels;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** La-MAML takes earlier samples from any source, and remembers its step sizes beside it. */
class SourceByIdTest {

    private final Shelf shelf = new Shelf();

    @Test
    void queriesComeFromTheSourceThatIsNamed() {
        try (Scalar model = new Scalar(0);
                ForgettingListener listener = with(Map.of()).build()) {
            model.learn(listener, SmallModels.sgd(0.5f), 2, 5);
            model.learn(listener, SmallModels.sgd(0.5f), -1, 20);
            assertThat(shelf.made.tasks()).containsExactlyInAnyOrder("task-1", "task-2");
            assertThat(model.weight()).isGreaterThan(0);
        }
    }

    @Test
    void anotherListenerGoesOnWithItsStepSizesAsIfItWereThisOne(@TempDir Path memory) {
        double here;
        try (Scalar model = new Scalar(0);
                ForgettingListener one = with(Map.of()).build()) {
            learnTwo(model, one);
            model.learn(one, SmallModels.sgd(0.3f), 1, 4);
            here = model.weight();
        }
        try (Scalar model = new Scalar(0)) {
            try (ForgettingListener first = with(Map.of()).optMemory(memory).build()) {
                learnTwo(model, first);
            }
            try (ForgettingListener second = with(Map.of()).optMemory(memory).build()) {
                model.learn(second, SmallModels.sgd(0.3f), 1, 4);
            }
            assertThat(model.weight()).isEqualTo(here);
        }
    }

    @Test
    void settingsThatNobodyWouldReadAreRefused() {
        assertThatThrownBy(with(Map.of("samples", 5))::build)
                .hasMessageContaining("nothing would read samples and seed");
        assertThatThrownBy(with(Map.of("variant", "sync"))::build)
                .hasMessageContaining("set look-ahead = pass");
        assertThatThrownBy(with(Map.of("initial", 20))::build)
                .hasMessageContaining("optBounds(20.0, ");
    }

    private static void learnTwo(Scalar model, ForgettingListener listener) {
        model.learn(listener, SmallModels.sgd(0.3f), 2, 3);
        model.learn(listener, SmallModels.sgd(0.3f), -1, 4);
    }

    private ForgettingListener.Builder with(Map<String, ?> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("source", "acme-shelf");
        all.put("share", 0.5);
        return ForgettingListener.builder()
                .addProvider(shelf)
                .addStrategy("la-maml", all)
                .optBase(Base.IGNORE);
    }

    /** A source that somebody else ships. */
    private static final class Shelf extends DescribedProvider {

        private TaskSamples made = new TaskSamples(1, 1);

        private Shelf() {
            super("acme-shelf", "Keeps some samples.", Set.of(Role.SOURCE), Set.of());
        }

        @Override
        public String spiVersion() {
            return SpiVersion.CURRENT;
        }

        @Override
        public List<Setting<?>> settings() {
            return List.of();
        }

        @Override
        public Strategy create(Settings settings) {
            made = new TaskSamples(100, 1);
            return Strategy.of(made);
        }
    }
}
