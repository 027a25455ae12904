package dev.engram.finetune;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import dev.engram.onnx.retention.TaskSamples;
import dev.engram.scenarios.ScenarioTask;
import dev.engram.scenarios.images.DeviceImages;
import dev.engram.scenarios.images.Images;
import java.util.List;
import java.util.Random;

/** One task's images in the shape that the model takes. */
final class TaskData {

    private static final int TEST_BATCH = 500;

    private final ScenarioTask task;
    private final Input input;

    TaskData(ScenarioTask task, Input input) {
        this.task = task;
        this.input = input;
    }

    String name() {
        return task.name();
    }

    Input input() {
        return input;
    }

    DeviceImages train(NDManager manager) {
        return new DeviceImages(task.train(), manager);
    }

    /** Draws a batch to train on. */
    Batch batch(DeviceImages images, Plan plan, Random random, NDManager manager) {
        Batch flat = images.batch(plan.batch(), random, manager);
        NDArray shaped = flat.getData().head().reshape(input.batch(plan.batch()));
        return new Batch(
                flat.getManager(),
                new NDList(shaped),
                flat.getLabels(),
                plan.batch(),
                null,
                null,
                0,
                images.count());
    }

    /** Returns a few test images, on which a written file is checked. */
    NDList sample(NDManager manager) {
        try (DeviceImages images = new DeviceImages(task.test(), manager)) {
            NDArray view = images.pixels().get("0:" + Math.min(32, images.count()));
            // A view of an array that was made from Java's memory reads garbage once that is
            // closed.
            NDArray few = view.duplicate();
            few.attach(manager);
            return new NDList(few.reshape(input.batch(few.getShape().get(0))));
        }
    }

    /** Returns the share of test images that a block in DJL tells rightly. */
    double accuracy(Block block) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu());
                DeviceImages images = new DeviceImages(task.test(), manager)) {
            ParameterStore store = new ParameterStore(manager, false);
            long right = 0;
            for (int from = 0; from < images.count(); from += TEST_BATCH) {
                String cut = from + ":" + Math.min(images.count(), from + TEST_BATCH);
                NDArray pixels = images.pixels().get(cut);
                NDList data = new NDList(pixels.reshape(input.batch(pixels.getShape().get(0))));
                NDArray told = block.forward(store, data, false).head().argMax(1);
                NDArray hits = told.toType(DataType.INT64, false).eq(images.labels().get(cut));
                right += hits.toType(DataType.INT64, false).sum().getLong();
            }
            return (double) right / images.count();
        }
    }

    /** Returns the accuracy of each task. */
    static List<Double> accuracies(List<TaskData> tasks, Block block) {
        return tasks.stream().map(task -> task.accuracy(block)).toList();
    }

    /** Returns the test images for a study in ONNX Runtime. */
    TaskSamples samples() {
        Images test = task.test();
        return TaskSamples.builder(task.name())
                .addFloats(input.name(), test.pixels(), input.sample().getShape())
                .setLabels(test.labels())
                .build();
    }
}
