package dev.engram.generativereplay.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.GuardedModel;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.SampleBatch;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.task.Task;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Shows a source tasks of {@link Languages} as a listener would, with a model that knows them. */
record Told(NDManager manager) {

    /** Lets a source see texts of a language, and the end of the task. */
    void learn(ReplaySource source, String task, int language) {
        NDArray tokens = Languages.tokens(language, 32, language, manager);
        NDList data = new NDList(tokens.get(":,0:" + Languages.LENGTH));
        NDList labels = new NDList(tokens.get(":,1:"));
        learn(source, task, data, labels, Told::answers);
    }

    void learn(
            ReplaySource source,
            String task,
            NDList data,
            NDList labels,
            UnaryOperator<NDList> model) {
        Ended ended = new Ended(Task.named(task), data, labels, model, manager);
        source.onTaskBegin(ended);
        try (NDManager step = manager.newSubManager()) {
            NDList seen = new NDList();
            data.forEach(array -> seen.add(array.duplicate()));
            seen.attach(step);
            NDList predictions = model.apply(seen);
            source.observe(
                    ObservedBatch.of(Task.named(task), data, labels, predictions, List.of()));
        }
        source.onEpoch();
        source.onTaskEnd(ended);
    }

    /** The word after it or the one after that, in the language of the word. */
    static NDList answers(NDList ids) {
        NDArray numbers = ids.head().toType(DataType.INT64, false);
        NDManager owner = numbers.getManager();
        float[] scores = new float[Languages.VOCABULARY * Languages.VOCABULARY];
        int words = Languages.VOCABULARY / 2;
        for (int word = 0; word < Languages.VOCABULARY; word++) {
            for (int next = 0; next < Languages.VOCABULARY; next++) {
                int way = Math.floorMod(next - word, words);
                boolean follows = next / words == word / words && (way == 1 || way == 2);
                scores[word * Languages.VOCABULARY + next] = follows ? 0 : -30;
            }
        }
        NDArray table = owner.create(scores, new Shape(Languages.VOCABULARY, Languages.VOCABULARY));
        return new NDList(numbers.oneHot(Languages.VOCABULARY).matMul(table));
    }

    private record All(NDList data, NDList labels, NDManager manager) implements SampleBatch {

        @Override
        public int size() {
            return Math.toIntExact(data.head().getShape().get(0));
        }
    }

    private record Ended(
            Task task, NDList data, NDList labels, UnaryOperator<NDList> asked, NDManager manager)
            implements FinishedTask, GuardedModel {

        @Override
        public GuardedModel model() {
            return this;
        }

        @Override
        public NDList predict(NDList inputs) {
            return asked.apply(inputs);
        }

        @Override
        public NDArray features(NDList inputs) {
            return predict(inputs).head();
        }

        @Override
        public long sampleCount() {
            return data.head().getShape().get(0);
        }

        @Override
        public Iterable<SampleBatch> samples(int size) {
            return List.of(new All(data, labels, manager));
        }

        @Override
        public NDManager scratch() {
            return manager;
        }

        @Override
        public List<LiveParameter> parameters() {
            return List.of();
        }

        @Override
        public Loss loss() {
            return Loss.softmaxCrossEntropyLoss();
        }

        @Override
        public GradientCollector newGradientCollector() {
            throw new UnsupportedOperationException("a source needs no gradients");
        }

        @Override
        public GuardedModel with(Map<String, NDArray> values) {
            return this;
        }

        @Override
        public Map<String, NDArray> values(NDManager owner) {
            return Map.of();
        }

        @Override
        public Map<String, NDArray> copy(NDManager owner) {
            return Map.of();
        }

        @Override
        public void set(Map<String, NDArray> values) {
            throw new UnsupportedOperationException("a source changes no weights");
        }
    }
}
