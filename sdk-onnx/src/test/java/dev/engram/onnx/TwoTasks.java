package dev.engram.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.tasks.TaskRegistry;
import java.util.HashMap;
import java.util.Map;

/**
 * Two tasks that a strategy teaches a frozen graph: both are known afterwards, the first to the
 * bit, and the graph is what it was.
 *
 * @param least accuracy on each task
 */
record TwoTasks(String strategy, Map<String, ?> settings, double least) {

    /** The graph with its second output, the pooled one, alone. */
    static Block classes(OnnxBlock block) {
        return new SequentialBlock().add(block).add(outputs -> new NDList(outputs.get(1)));
    }

    static Block withHead(OnnxBlock block) {
        return new SequentialBlock().add(classes(block)).add(Linear.builder().setUnits(2).build());
    }

    void learn(OnnxBlock block, Block whole, int epochs) throws Exception {
        boolean isReal = block.file().getFileName().toString().contains("bert");
        Tasks tasks = isReal ? new GuardedTrainingTest.Sentences() : new Words();
        Map<String, byte[]> before = values(block);
        try (Model model = Tasks.model(whole);
                NDManager manager = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy(strategy, settings).build()) {
            NDList inputs = tasks.batch(manager, 0);
            float[] untouched = outputs(block, inputs);
            tasks.fit(model, 0, epochs, listener);
            TaskRegistry registry = listener.tasks(model);
            float[] first = outputs(registry.handle("task-1").block(), inputs);
            tasks.fit(model, 1, epochs, listener);
            areLearnt(registry, block, tasks);
            assertThat(outputs(registry.handle("task-1").block(), inputs)).isEqualTo(first);
            assertThat(values(block)).containsExactlyInAnyOrderEntriesOf(before);
            assertThat(outputs(block, inputs)).isEqualTo(untouched);
        }
    }

    private void areLearnt(TaskRegistry registry, OnnxBlock block, Tasks tasks) throws Exception {
        for (int task = 0; task < 2; task++) {
            double frozen = tasks.accuracy(registry.base().block(), task);
            double learnt = tasks.accuracy(registry.handle("task-" + (task + 1)).block(), task);
            System.out.printf(
                    "%s under %s: task %d %.3f, frozen %.3f%n",
                    block.file().getFileName(), strategy, task + 1, learnt, frozen);
            assertThat(learnt).isGreaterThan(least).isGreaterThan(frozen + 0.1);
        }
    }

    static Map<String, byte[]> values(OnnxBlock block) {
        Map<String, byte[]> values = new HashMap<>();
        block.getDirectParameters()
                .forEach(p -> values.put(p.getKey(), p.getValue().getArray().toByteArray()));
        return values;
    }

    static float[] outputs(Block block, NDList inputs) {
        try (NDManager own = NDManager.newBaseManager(Device.cpu())) {
            ParameterStore store = new ParameterStore(own, false);
            return block.forward(store, inputs, false).head().toFloatArray();
        }
    }
}
