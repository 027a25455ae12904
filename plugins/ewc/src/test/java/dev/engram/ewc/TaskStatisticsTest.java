package dev.engram.ewc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.training.EasyTrain;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.translate.TranslateException;
import dev.engram.api.EngramException;
import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.support.Said;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** BatchNorm between domains whose inputs differ: each task can have its own statistics back. */
class TaskStatisticsTest {

    @TempDir private Path folder;

    @Test
    void withItsOwnStatisticsTheFirstDomainIsBack() {
        try (Model model = Toy.model(network());
                ForgettingListener listener = listener()) {
            fit(model, 0, 8, listener);
            double learnt = accuracy(model, 0);
            String said = Said.by(() -> fit(model, 1, 8, listener));
            double moved = accuracy(model, 0);
            double second = accuracy(model, 1);
            listener.useStatistics(model, "task-1");
            double back = accuracy(model, 0);
            listener.useStatistics(model, "task-2");
            assertThat(accuracy(model, 1)).isEqualTo(second);
            assertThat(learnt).isGreaterThan(0.9);
            assertThat(second).isGreaterThan(0.9);
            assertThat(back - moved).isGreaterThan(0.3);
            assertThat(said)
                    .contains("moved the running statistics of BatchNorm")
                    .contains("useStatistics(model, \"task-1\")");
        }
    }

    @Test
    void whereTheInputsAreAlikeNothingIsSaid() {
        try (Model model = Toy.model(network());
                ForgettingListener listener = listener()) {
            fit(model, 0, 4, listener);
            assertThat(Said.by(() -> fit(model, 0, 4, listener))).doesNotContain("statistics");
        }
    }

    @Test
    void anotherProcessHasThemToo() throws IOException, MalformedModelException {
        double back;
        try (Model model = Toy.model(network())) {
            try (ForgettingListener listener = listener()) {
                fit(model, 0, 8, listener);
                fit(model, 1, 8, listener);
            }
            try (ForgettingListener listener = listener()) {
                fit(model, 1, 1, listener);
                fit(model, 1, 1, listener);
                model.save(folder, "points");
                listener.useStatistics(model, "task-1");
                back = accuracy(model, 0);
                assertThat(back).isGreaterThan(0.8);
            }
        }
        try (Model model = Toy.model(network());
                ForgettingListener listener = listener()) {
            model.load(folder, "points");
            assertThat(accuracy(model, 0)).isLessThan(back - 0.3);
            listener.useStatistics(model, "task-1");
            assertThat(accuracy(model, 0)).isEqualTo(back);
        }
    }

    @Test
    void thoseOfAProtectedBaseAreFromBeforeTheFirstPass() {
        try (Model model = Toy.model(network());
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy("ewc-online")
                                .optBase(Base.PROTECT)
                                .build()) {
            fit(model, 0, 4);
            float[] before = mean(model);
            fit(model, 1, 1, listener);
            assertThat(mean(model)).isNotEqualTo(before);
            listener.useStatistics(model, "base");
            assertThat(mean(model)).isEqualTo(before);
        }
    }

    private static float[] mean(Model model) {
        return model.getBlock()
                .getParameters()
                .get("02BatchNorm_runningMean")
                .getArray()
                .toFloatArray();
    }

    @Test
    void anErasureKeepsThem() {
        try (Model model = Toy.model(network());
                ForgettingListener listener = listener()) {
            fit(model, 0, 2, listener);
            listener.erase("nobody");
            assertThat(files()).anyMatch(name -> name.equals("engram.statistics-1.safetensors"));
        }
    }

    @Test
    void whatIsNotThereIsSaid() {
        try (Model model = Toy.model(network());
                Model other = Toy.model(Toy.mlp());
                ForgettingListener listener = listener()) {
            fit(model, 0, 1, listener);
            other.getBlock()
                    .initialize(other.getNDManager(), DataType.FLOAT32, new Shape(1, Toy.FEATURES));
            assertThatThrownBy(() -> listener.useStatistics(model, "task-9"))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("[task-1]");
            assertThatThrownBy(() -> listener.useStatistics(other, "task-1"))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("runningMean");
            try (Trainer trainer = Toy.trainer(model, Toy.adam(), listener)) {
                assertThatThrownBy(() -> listener.useStatistics(model, "task-1"))
                        .isInstanceOf(EngramException.class)
                        .hasMessageContaining("Close the trainer");
                trainer.evaluate(new NDList(model.getNDManager().ones(new Shape(2, 8))));
            }
        }
        try (Model plain = Toy.model(Toy.mlp());
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy("ewc").build()) {
            Toy.fit(plain, 0, 1, Toy.adam(), listener);
            assertThatThrownBy(() -> listener.useStatistics(plain, "task-1"))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("No running statistics of task \"task-1\"");
        }
    }

    private ForgettingListener listener() {
        return ForgettingListener.builder()
                .addStrategy("ewc-online", Map.of("lambda", 1))
                .optMemory(folder.resolve("memory"))
                .build();
    }

    private List<String> files() {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.map(path -> path.getFileName().toString()).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Block network() {
        return new SequentialBlock()
                .add(Linear.builder().setUnits(32).build())
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock())
                .add(Linear.builder().setUnits(2).build());
    }

    private static void fit(Model model, int domain, int epochs, ForgettingListener... listeners) {
        try (NDManager manager = model.getNDManager().newSubManager();
                Trainer trainer = Toy.trainer(model, Toy.adam(), listeners)) {
            NDArray[] data = data(manager, domain);
            ArrayDataset dataset =
                    new ArrayDataset.Builder()
                            .setData(data[0])
                            .optLabels(data[1])
                            .setSampling(32, false)
                            .build();
            EasyTrain.fit(trainer, epochs, dataset, null);
        } catch (IOException | TranslateException e) {
            throw new AssertionError(e);
        }
    }

    /** The same question about pictures of another brightness and contrast. */
    private static NDArray[] data(NDManager manager, int domain) {
        NDArray points = manager.create(new Shape(512, Toy.FEATURES));
        Random random = new Random(7 + domain);
        float[] values = new float[512 * Toy.FEATURES];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        points.set(values);
        NDArray labels = points.get(":, 0").add(points.get(":, 1")).gt(0);
        NDArray seen = domain == 0 ? points : points.mul(0.3f).add(4);
        return new NDArray[] {seen, labels.toType(DataType.FLOAT32, false)};
    }

    private static double accuracy(Model model, int domain) {
        try (NDManager manager = model.getNDManager().newSubManager()) {
            NDArray[] data = data(manager, domain);
            NDArray found =
                    model.getBlock()
                            .forward(new ParameterStore(manager, false), new NDList(data[0]), false)
                            .head()
                            .argMax(1)
                            .toType(DataType.FLOAT32, false);
            return found.eq(data[1]).toType(DataType.FLOAT32, false).mean().getFloat();
        }
    }
}
