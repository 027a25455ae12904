package dev.engram.djl.penalty;

import ai.djl.ndarray.NDArray;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.djl.internal.plugin.PluginPart;
import java.util.Map;
import java.util.function.Supplier;

/**
 * An estimator as the guard calls it: what it throws tells which class of which jar failed where.
 */
final class PluggedEstimator implements ImportanceEstimator {

    private final ImportanceEstimator plugin;
    private final PluginPart part;

    PluggedEstimator(ImportanceEstimator plugin) {
        this.plugin = plugin;
        this.part = PluginPart.estimator(plugin);
    }

    @Override
    public boolean needsSamples() {
        return get("in needsSamples()", plugin::needsSamples);
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        run("in onTaskBegin(...)", () -> plugin.onTaskBegin(training));
    }

    @Override
    public void onParametersChanged(TrainingView training) {
        run("in onParametersChanged(...)", () -> plugin.onParametersChanged(training));
    }

    @Override
    public void onBackward(StepView step) {
        run("in onBackward(...)", () -> plugin.onBackward(step));
    }

    @Override
    public void onStep(TrainingView training) {
        run("in onStep(...)", () -> plugin.onStep(training));
    }

    @Override
    public void onEpoch(TrainingView training) {
        run("in onEpoch(...)", () -> plugin.onEpoch(training));
    }

    @Override
    public Map<String, NDArray> estimate(FinishedTask task) {
        return get("in estimate(...)", () -> plugin.estimate(task));
    }

    @Override
    public void close() {
        run("in close()", plugin::close);
    }

    private void run(String when, Runnable call) {
        get(
                when,
                () -> {
                    call.run();
                    return true;
                });
    }

    /**
     * Errors of Engram's own kind are the estimator's words, before which the guard's name goes.
     */
    private <T> T get(String when, Supplier<T> call) {
        T result;
        try {
            result = call.get();
        } catch (EngramException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            throw part.failed(when, e);
        }
        return part.get(when, () -> result);
    }
}
