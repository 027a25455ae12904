package dev.engram.scenarios;

import dev.engram.scenarios.images.Images;

/**
 * One task of a sequence; its labels are indices of the model's outputs.
 *
 * @param name what it is about
 * @param train images to learn from
 * @param test images to test on
 * @param firstOutput the first output that is the task's own, where the task is known
 * @param lastOutput one past its last output
 */
public record ScenarioTask(
        String name, Images train, Images test, int firstOutput, int lastOutput) {}
