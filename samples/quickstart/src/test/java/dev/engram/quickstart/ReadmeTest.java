package dev.engram.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.TrainingConfig;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.memory.MemoryDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReadmeTest {

    private static final String BEGIN = "// README begins";
    private static final String END = "// README ends";

    @TempDir private Path memory;

    @Test
    void theExampleOfTheReadmeRuns() throws Exception {
        try (Model model = Model.newInstance("readme")) {
            model.setBlock(Linear.builder().setUnits(2).build());
            NDManager manager = model.getNDManager();
            Shape inputShape = new Shape(8, 4);
            List<Dataset> tasks = List.of(dataset(manager), dataset(manager));
            // README begins
            try (ForgettingListener listener =
                    ForgettingListener.builder()
                            .addStrategy("ewc-online")
                            .optMemory(memory)
                            .build()) {
                TrainingConfig config =
                        new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                                .optOptimizer(Optimizer.adam().build())
                                .addTrainingListeners(listener);
                for (Dataset task : tasks) {
                    try (Trainer trainer = model.newTrainer(config)) {
                        trainer.initialize(inputShape);
                        EasyTrain.fit(trainer, 5, task, null);
                    }
                }
            }
            // README ends
        }
        assertThat(new MemoryDirectory(memory).latest().orElseThrow().tasks()).hasSize(2);
    }

    @Test
    void theExampleOfTheReadmeIsTheCodeAbove() throws Exception {
        String readme = Files.readString(Path.of("../../README.md"));
        int begin = readme.indexOf("```java\n") + "```java\n".length();
        String printed = readme.substring(begin, readme.indexOf("```", begin));
        String source =
                Files.readString(Path.of("src/test/java/dev/engram/quickstart/ReadmeTest.java"));
        int from = source.indexOf(BEGIN + "\n            try") + BEGIN.length();
        String run = source.substring(from, source.indexOf("            " + END, from));
        assertThat(words(printed)).isEqualTo(words(run));
    }

    private static String words(String code) {
        return code.lines().map(String::strip).collect(Collectors.joining()).replace(" ", "");
    }

    private static Dataset dataset(NDManager manager) {
        return new ArrayDataset.Builder()
                .setData(manager.randomNormal(new Shape(32, 4)))
                .optLabels(manager.zeros(new Shape(32)))
                .setSampling(8, true)
                .build();
    }
}
