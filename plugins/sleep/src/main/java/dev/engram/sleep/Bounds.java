package dev.engram.sleep;

import java.util.ArrayList;
import java.util.List;

/** What a {@link Sleep.Builder}'s options may be. */
final class Bounds {

    private final List<String> problems = new ArrayList<>();

    private Bounds() {}

    /** Returns what is wrong, nothing if all is well. */
    static List<String> problems(Sleep.Builder set) {
        Bounds bounds = new Bounds();
        bounds.atLeastOne(set.steps, "optSteps");
        bounds.atLeastOne(set.lookEvery, "optLookEvery");
        bounds.atLeastOne(set.patience, "optPatience");
        bounds.atLeastOne(set.batchSize, "optBatchSize");
        bounds.positive(set.learningRate, "optLearningRate");
        bounds.positive(set.temperature, "optTemperature");
        bounds.require(
                set.labels >= 0 && set.labels <= 1,
                "optLabels(" + set.labels + "): give a number from 0 to 1");
        bounds.require(
                set.margin >= 0 && Double.isFinite(set.margin),
                "optMargin(" + set.margin + "): give a finite number of 0 or more");
        bounds.require(
                set.significance > 0 && set.significance < 1,
                "optSignificance(" + set.significance + "): give a number above 0 and below 1");
        bounds.require(
                !set.budget.isNegative() && !set.budget.isZero(),
                "optBudget(" + set.budget + "): give a time above 0");
        bounds.require(
                !set.checkpointEvery.isNegative(),
                "optCheckpointEvery(" + set.checkpointEvery + "): give 0 or more");
        bounds.require(
                set.memory != null || !set.sources.isEmpty() || !set.inputs.isEmpty(),
                "nothing to learn from: optMemory, addSource or addInputs");
        return bounds.problems;
    }

    private void atLeastOne(int value, String option) {
        require(value >= 1, "%s(%d): give 1 or more".formatted(option, value));
    }

    private void positive(double value, String option) {
        require(
                value > 0 && Double.isFinite(value),
                "%s(%s): give a finite number above 0".formatted(option, value));
    }

    private void require(boolean holds, String problem) {
        if (!holds) {
            problems.add(problem);
        }
    }
}
