package dev.engram.sleep;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import dev.engram.tck.SmallTasks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** Lets the model of a file sleep again and again until it is killed. */
final class SleepingProcess {

    private SleepingProcess() {}

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        Path directory = folder.resolve("sleep");
        for (int round = 0; true; round++) {
            try (Model model = Forgotten.loaded(folder.resolve("before"));
                    Model earlier = Forgotten.loaded(folder.resolve("earlier"));
                    NDManager data = NDManager.newBaseManager()) {
                if (round % 2 == 0) {
                    Files.deleteIfExists(directory.resolve("accepted.safetensors"));
                }
                Sleep.builder()
                        .addProbe(KnownSource.name(0), SmallTasks.dataset(data, 0))
                        .addProbe(
                                KnownSource.name(Forgotten.SECOND),
                                SmallTasks.dataset(data, Forgotten.SECOND))
                        .addSource(new KnownSource(0, Forgotten.SECOND))
                        .addTeacher("earlier", earlier)
                        .optMargin(0.1)
                        .optSignificance(1e-4)
                        .optLearningRate(3e-3)
                        .optSteps(75)
                        .optDirectory(directory)
                        .optCheckpointEvery(Duration.ofMillis(20))
                        .build()
                        .consolidate(model);
                System.out.print("slept\n");
                System.out.flush();
            }
        }
    }
}
