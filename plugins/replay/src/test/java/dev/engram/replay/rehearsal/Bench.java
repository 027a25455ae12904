package dev.engram.replay.rehearsal;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import ai.djl.training.listener.TrainingListener.BatchData;
import ai.djl.training.loss.Loss;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.djl.ForgettingListener;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A linear classifier whose gradients are looked at as the optimizer gets them. */
final class Bench implements AutoCloseable {

    static final int INPUTS = 3;
    static final int CLASSES = 4;

    final Model model;
    final Trainer trainer;
    final NDManager manager;
    private final Device device;

    Bench(ForgettingGuard... guards) {
        Engine.getInstance().setRandomSeed(7);
        model = Model.newInstance("bench", Device.cpu());
        model.setBlock(Linear.builder().setUnits(CLASSES).build());
        DefaultTrainingConfig config =
                new DefaultTrainingConfig(Loss.softmaxCrossEntropyLoss())
                        .optOptimizer(Standstill.optimizer());
        if (guards.length > 0) {
            var builder = ForgettingListener.builder();
            for (ForgettingGuard guard : guards) {
                builder.addGuard(guard);
            }
            config.addTrainingListeners(builder.build());
        }
        trainer = model.newTrainer(config);
        trainer.initialize(new Shape(2, INPUTS));
        manager = trainer.getManager().newSubManager();
        device = trainer.getDevices()[0];
    }

    /**
     * Does forward, backward, notification and a step that moves nothing; returns all gradients,
     * one after the other.
     */
    float[] gradients(NDArray data, NDArray labels) {
        zero();
        NDList out;
        try (GradientCollector collector = trainer.newGradientCollector()) {
            out = trainer.forward(new NDList(data), new NDList(labels));
            collector.backward(trainer.getLoss().evaluate(new NDList(labels), out));
        }
        Batch batch =
                new Batch(
                        manager.newSubManager(),
                        new NDList(data),
                        new NDList(labels),
                        (int) data.getShape().get(0),
                        null,
                        null,
                        0,
                        0);
        BatchData seen =
                new BatchData(batch, Map.of(device, new NDList(labels)), Map.of(device, out));
        trainer.notifyListeners(listener -> listener.onTrainingBatch(trainer, seen));
        trainer.step();
        return read();
    }

    NDArray data(float... values) {
        return manager.create(values, new Shape(values.length / INPUTS, INPUTS));
    }

    NDArray labels(long... values) {
        return manager.create(values);
    }

    private void zero() {
        for (Parameter parameter : model.getBlock().getParameters().values()) {
            try (NDArray gradient = parameter.getArray().getGradient()) {
                gradient.subi(gradient);
            }
        }
    }

    private float[] read() {
        List<Float> all = new ArrayList<>();
        for (Parameter parameter : model.getBlock().getParameters().values()) {
            for (float value : parameter.getArray().getGradient().toFloatArray()) {
                all.add(value);
            }
        }
        float[] flat = new float[all.size()];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = all.get(i);
        }
        return flat;
    }

    @Override
    public void close() {
        trainer.close();
        model.close();
    }
}
