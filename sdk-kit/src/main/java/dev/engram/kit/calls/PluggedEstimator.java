package dev.engram.kit.calls;

import ai.djl.ndarray.NDArray;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.importance.ImportanceEstimator;
import java.util.Map;

/**
 * An estimator as the guard calls it: what it throws tells which class of which jar failed where.
 */
final class PluggedEstimator implements ImportanceEstimator {

    private final ImportanceEstimator plugin;
    private final Calls calls;

    PluggedEstimator(ImportanceEstimator plugin) {
        this.plugin = plugin;
        this.calls = new Calls(PluginPart.driven("Importance estimator", plugin));
    }

    @Override
    public boolean needsSamples() {
        return calls.get("in needsSamples()", plugin::needsSamples);
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        calls.run("in onTaskBegin(...)", () -> plugin.onTaskBegin(training));
    }

    @Override
    public void onParametersChanged(TrainingView training) {
        calls.run("in onParametersChanged(...)", () -> plugin.onParametersChanged(training));
    }

    @Override
    public void onBackward(StepView step) {
        calls.run("in onBackward(...)", () -> plugin.onBackward(step));
    }

    @Override
    public void onStep(TrainingView training) {
        calls.run("in onStep(...)", () -> plugin.onStep(training));
    }

    @Override
    public void onEpoch(TrainingView training) {
        calls.run("in onEpoch(...)", () -> plugin.onEpoch(training));
    }

    @Override
    public Map<String, NDArray> estimate(FinishedTask task) {
        return calls.get("in estimate(...)", () -> plugin.estimate(task));
    }

    @Override
    public void close() {
        calls.run("in close()", plugin::close);
    }
}
