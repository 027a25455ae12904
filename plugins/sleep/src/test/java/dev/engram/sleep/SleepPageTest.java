package dev.engram.sleep;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.TrainingConfig;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.loss.Loss;
import ai.djl.training.util.ProgressBar;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.SmallTasks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The code of docs/sleep.md. */
class SleepPageTest {

    private static final Pattern RUN = Pattern.compile("(?s)// page begins\n(.*?)// page ends");
    private static final Pattern PRINTED = Pattern.compile("(?s)```java\n(.*?)```");

    @TempDir private Path folder;

    // page begins
    static TrainingConfig awake(ForgettingListener listener, Path directory) {
        return new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                .addTrainingListeners(listener, WeightsFollower.in(directory).keeping(5));
    }

    static SleepReport asleep(
            Model model, ForgettingListener listener, Map<String, Dataset> held, Path directory) {
        Sleep.Builder settings =
                Sleep.builder()
                        .optMemory(listener::sleeping)
                        .optDirectory(directory)
                        .optBudget(Duration.ofMinutes(10))
                        .optProgress(new ProgressBar());
        held.forEach(settings::addProbe);
        Sleep sleep = settings.build();
        sleep.recover(model);
        return sleep.consolidate(model);
    }

    // page ends

    @Test
    void theCodeOfThePageRuns() {
        Path directory = folder.resolve("sleep");
        try (ForgettingListener listener = ForgettingListener.builder().addStrategy("er").build();
                Model model = SmallTasks.model();
                NDManager data = NDManager.newBaseManager()) {
            assertThat(awake(listener, directory).getTrainingListeners()).hasSize(2);
            for (int task = 0; task < 2; task++) {
                listener.nextTask(KnownSource.name(task));
                SmallTasks.fit(model, task, 2, listener, WeightsFollower.in(directory));
            }
            Map<String, Dataset> held = Map.of("task-0", SmallTasks.dataset(data, 0));
            SleepReport report = asleep(model, listener, held, directory);
            assertThat(report.tried()).hasSizeGreaterThanOrEqualTo(3);
        }
    }

    @Test
    void thePagePrintsTheCodeThatRuns() throws Exception {
        Path source = Path.of("src/test/java/dev/engram/sleep/SleepPageTest.java");
        String run = found(RUN, Files.readString(source));
        String printed = found(PRINTED, Files.readString(Path.of("../../docs/sleep.md")));
        assertThat(words(printed)).isEqualTo(words(run));
    }

    private static String found(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }

    private static String words(String code) {
        return code.lines().map(String::strip).collect(Collectors.joining()).replace(" ", "");
    }
}
