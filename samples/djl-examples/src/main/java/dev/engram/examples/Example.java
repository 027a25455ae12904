package dev.engram.examples;

import ai.djl.training.listener.TrainingListener;
import ai.djl.translate.TranslateException;
import dev.engram.scenarios.images.TrainAndTest;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** One of DJL's training examples, with a second task. */
interface Example {

    /** Returns the strategy that protects it unless the user names another. */
    String strategy();

    /** Returns what is set of that strategy; what is not named has its default. */
    default Map<String, String> settings() {
        return Map.of();
    }

    /**
     * Trains one task, then the other, and says what is kept of the first.
     *
     * @param engram what is added to the training's listeners: nothing, or Engram's
     */
    Retention run(Setup setup, TrainingListener... engram) throws IOException, TranslateException;

    /** Returns those settings as the command line writes them, {@code strategy.key}. */
    default Map<String, String> overrides() {
        Map<String, String> all = new TreeMap<>();
        settings().forEach((key, value) -> all.put(strategy() + "." + key, value));
        return all;
    }

    /**
     * How a run trains.
     *
     * @param digits the images, where the example learns from images
     * @param seed of the first weights and of everything that is drawn
     * @param isShort whether a few seconds must do
     */
    record Setup(TrainAndTest digits, int seed, boolean isShort) {

        /** Returns one of two numbers: that of the short form, or that of the whole one. */
        int either(int shortForm, int wholeForm) {
            return isShort ? shortForm : wholeForm;
        }
    }

    /**
     * What a run kept, in the example's own measure, of which more is better.
     *
     * @param measure what the numbers are
     * @param learnt of the first task, when it was learnt
     * @param kept of the first task, after the second
     * @param second of the second task, after it
     */
    record Retention(String measure, double learnt, double kept, double second) {}
}
