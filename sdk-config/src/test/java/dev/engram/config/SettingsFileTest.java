package dev.engram.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.api.settings.SettingsException;
import dev.engram.djl.ForgettingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsFileTest {

    @TempDir Path folder;
    private Path file;

    @BeforeEach
    void placeTheFile() {
        file = folder.resolve("engram.conf");
    }

    private SettingsFile written(String text) throws IOException {
        return SettingsFile.read(Files.writeString(file, text));
    }

    private void assertProblems(String text, String... problems) throws IOException {
        SettingsFile settings = written(text);
        String head =
                problems.length == 1 ? " has 1 problem:" : " has " + problems.length + " problems:";
        assertThatThrownBy(settings::newListener)
                .isInstanceOf(EngramException.class)
                .hasMessage(
                        "The settings file "
                                + file
                                + head
                                + "\n  - "
                                + String.join("\n  - ", problems));
    }

    private String at(int line) {
        return file + ":" + line + ": ";
    }

    @Test
    void aListenerOfAFileTrainsAndRemembersAsOneOfCodeDoes() throws Exception {
        Path memory = folder.resolve("memory");
        SettingsFile settings =
                written(
                        """
                        memory = "%s"
                        base = ignore        # warn, protect
                        sample-capacity = 64
                        seed = 7
                        strategies {
                          ewc-online { lambda = 0.05, estimator = exact }
                          er { samples = 8 }
                        }
                        """
                                .formatted(memory.toString().replace('\\', '/')));
        try (Model model = Model.newInstance("m");
                NDManager manager = NDManager.newBaseManager();
                ForgettingListener listener = settings.newListener()) {
            model.setBlock(Linear.builder().setUnits(1).build());
            var inputs = manager.ones(new Shape(8, 2));
            var data =
                    new ArrayDataset.Builder()
                            .setData(inputs)
                            .optLabels(inputs.sum(new int[] {1}, true))
                            .setSampling(4, false)
                            .build();
            try (Trainer trainer =
                    model.newTrainer(
                            new DefaultTrainingConfig(Loss.l2Loss())
                                    .addTrainingListeners(listener))) {
                trainer.initialize(new Shape(4, 2));
                EasyTrain.fit(trainer, 1, data, null);
            }
        }
        try (var files = Files.walk(memory)) {
            List<String> names = files.map(path -> path.getFileName().toString()).toList();
            assertThat(names).anyMatch(name -> name.contains("ewc-online"));
            assertThat(names).anyMatch(name -> name.startsWith("er"));
        }
    }

    @Test
    void everythingThatIsWrongIsToldAtOnceWithItsLine() throws IOException {
        List<String> ofTheBuilder =
                problems(Map.of("lambda", -1, "gama", 0.9, "labels", List.of("data")));
        assertThat(ofTheBuilder.get(2)).contains("did you mean \"gamma\"?");
        assertProblems(
                """
                sample-capacty = 10
                base = protekt
                accumulation = -1
                memory { path = x }
                strategies {
                  ewc-online {
                    lambda = -1
                    gama = 0.9
                    labels = [data]
                  }
                  er = 3
                  ewk {}
                }
                """,
                at(1)
                        + "unknown key \"sample-capacty\": did you mean \"sample-capacity\"? Known"
                        + " are memory, base, base-strength, sample-capacity, seed, accumulation,"
                        + " strategies",
                at(2) + "base = \"protekt\" is not acceptable: write one of warn, protect, ignore",
                at(4) + "memory = \"{path=x}\" is not acceptable: write a path",
                at(11) + "strategy \"er\": write its settings in braces, such as er {}",
                at(3) + "optAccumulation(-1): give the number of batches a step",
                at(12)
                        + "No strategy \"ewk\". Did you mean \"ewc\"? Known are: a-gem, der,"
                        + " der-plus-plus, er, er-ace, ewc, ewc-online.",
                at(7) + "strategy \"ewc-online\": " + ofTheBuilder.get(0),
                at(9) + "strategy \"ewc-online\": " + ofTheBuilder.get(1),
                at(8) + "strategy \"ewc-online\": " + ofTheBuilder.get(2));
    }

    @Test
    void settingsOfAPartStandInBraces() throws IOException {
        SettingsFile nested =
                written(
                        """
                        strategies {
                          er {
                            source = ewc
                            ewc { lambda = [1, {}] }
                          }
                        }
                        """);
        assertThatThrownBy(nested::newListener)
                .hasMessageContaining(
                        at(4) + "lambda: write one value, a number or a text, or a list");
        SettingsFile settings =
                written("strategies {\n  er {\n    source = ewc\n    ewc { lambda = 1 }\n  }\n}\n");
        assertThatThrownBy(settings::newListener)
                .hasMessageContaining(at(3) + "strategy \"er\": source = \"ewc\" is not acceptable")
                .hasMessageContaining("\"ewc\" does not play the role \"replay-source\"");
    }

    private static List<String> problems(Map<String, ?> settings) {
        ForgettingListener.Builder builder =
                ForgettingListener.builder().addStrategy("ewc-online", settings);
        SettingsException refused = catchThrowableOfType(SettingsException.class, builder::check);
        return refused.problems();
    }

    @Test
    void aStrengthThatIsNoneIsToldWithItsLineAndOneThatIsIsTaken() throws IOException {
        String begin = "base = protect\nbase-strength = ";
        String end = "\nstrategies { ewc-online {} }\n";
        assertProblems(
                begin + "firm" + end,
                at(2)
                        + "base-strength = \"firm\" is not acceptable: write a number above 0 up to"
                        + " 100");
        assertThatThrownBy(written(begin + 0 + end)::newListener)
                .hasMessageContaining(at(2) + "optBaseStrength(0.0): give a number above 0");
        written(begin + 0.5 + end).newListener().close();
    }

    @Test
    void strategiesThatConflictAreToldWhereTheyStand() throws IOException {
        SettingsFile settings = written("seed = 1\nstrategies {\n  er {}\n  der {}\n}\n");
        assertThatThrownBy(settings::newListener)
                .hasMessageContaining(at(2) + "These strategies do not go together")
                .hasMessageContaining("der allows no other");
    }

    @Test
    void aFileWithoutStrategiesProtectsNothing() throws IOException {
        assertProblems(
                "seed = 1\n",
                file + ": Nothing protects the model: add a strategy, such as \"ewc\"");
    }

    @Test
    void whatIsNoHoconOrNotThereIsToldWhenItIsRead() {
        assertThatThrownBy(() -> written("strategies {\n  ewc {"))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(": 2:");
        Path missing = folder.resolve("missing.conf");
        assertThatThrownBy(() -> SettingsFile.read(missing))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining(missing.toString());
    }

    @Test
    void variablesAreReadAndNamedAndAnUnsetOneLeavesTheValueBefore() throws IOException {
        assertProblems(
                """
                path = ${PATH}
                seed = 3
                seed = ${?ENGRAM_TEST_UNSET}
                strategies { ewc {} }
                """,
                file
                        + " (env variables): "
                        + "unknown key \"path\": did you mean \"base\"? Known are memory, base,"
                        + " base-strength, sample-capacity, seed, accumulation, strategies");
    }

    @Test
    void codeAddsWhatAFileCannotSay() throws IOException {
        SettingsFile settings = written("strategies { ewc {} }\n");
        assertThatThrownBy(() -> settings.newListener(builder -> builder.optSampleCapacity(0)))
                .hasMessageContaining(file + ": optSampleCapacity(0): keep at least 1");
        try (ForgettingListener listener =
                settings.newListener(builder -> builder.optSubjects(batch -> List.of()))) {
            assertThat(listener).isNotNull();
        }
    }
}
