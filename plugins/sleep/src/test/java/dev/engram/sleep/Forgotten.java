package dev.engram.sleep;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import dev.engram.sleep.internal.weights.ModelWeights;
import dev.engram.tck.SmallTasks;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A model that has learnt a second task over the first, and one from between that knows the first.
 */
final class Forgotten implements AutoCloseable {

    /** A part of the first task's classes, over which the others are soon forgotten. */
    static final int SECOND = SmallTasks.PART;

    private static final String NAME = "small-tasks";

    final Model model;
    final Model earlier;
    private final NDManager data = NDManager.newBaseManager();

    /** Loads both from where {@link #train} left them. */
    Forgotten(Path folder) throws IOException, MalformedModelException {
        model = loaded(folder.resolve("before"));
        earlier = loaded(folder.resolve("earlier"));
    }

    static void train(Path folder) throws IOException {
        try (Model trained = SmallTasks.model()) {
            SmallTasks.fit(trained, 0, 10);
            trained.save(folder.resolve("earlier"), NAME);
            SmallTasks.fit(trained, SECOND, 20);
            trained.save(folder.resolve("before"), NAME);
        }
    }

    static Model loaded(Path folder) throws IOException, MalformedModelException {
        Model model = SmallTasks.model();
        model.load(folder, NAME);
        return model;
    }

    /** Returns a sleep that may learn from the earlier model, and is judged by both tasks. */
    Sleep.Builder sleep() {
        return judged().addSource(new KnownSource(0, SECOND)).addTeacher("earlier", earlier);
    }

    Sleep.Builder judged() {
        return Sleep.builder()
                .addProbe(KnownSource.name(0), SmallTasks.dataset(data, 0))
                .addProbe(KnownSource.name(SECOND), SmallTasks.dataset(data, SECOND))
                .optMargin(0.1)
                .optSignificance(1e-4)
                .optLearningRate(3e-3)
                .optSteps(300);
    }

    static String sum(Model model) {
        return new ModelWeights(model.getBlock()).sum();
    }

    double accuracy(int task) {
        return SmallTasks.accuracy(model, task);
    }

    @Override
    public void close() {
        model.close();
        earlier.close();
        data.close();
    }
}
