package dev.engram.kit.calls;

import ai.djl.ndarray.NDArray;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import java.util.Map;

/**
 * An estimator as the guard calls it: what it throws tells which class of which jar failed where.
 */
final class PluggedEstimator implements ImportanceEstimator {

    private static final PartMemory MEMORY = new PartMemory("importance-state");

    private final ImportanceEstimator plugin;
    private final Calls calls;

    PluggedEstimator(ImportanceEstimator plugin, PluginPart part) {
        this.plugin = plugin;
        this.calls = new Calls(part);
    }

    static ImportanceEstimator of(ImportanceEstimator plugin) {
        return plugin instanceof PluggedEstimator
                ? plugin
                : new PluggedEstimator(plugin, PluginPart.driven("Importance estimator", plugin));
    }

    @Override
    public boolean needsSamples() {
        return calls.get("in needsSamples()", plugin::needsSamples);
    }

    @Override
    public boolean looksAtGradients() {
        return calls.get("in looksAtGradients()", plugin::looksAtGradients);
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
    public int stateVersion() {
        return calls.part().requireVersion(calls.get("in stateVersion()", plugin::stateVersion));
    }

    @Override
    public void save(MemoryWriter memory) {
        MemoryWriter own = MEMORY.writer(memory, stateVersion());
        calls.run("in save(...)", () -> plugin.save(own));
    }

    /** Memory of a time when estimators saved nothing has no state of theirs. */
    @Override
    public void restore(MemoryReader memory) {
        MEMORY.reader(memory, calls.part(), stateVersion())
                .ifPresent(own -> calls.run("in restore(...)", () -> plugin.restore(own)));
    }

    @Override
    public void close() {
        calls.run("in close()", plugin::close);
    }
}
