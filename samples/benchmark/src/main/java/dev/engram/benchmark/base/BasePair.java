package dev.engram.benchmark.base;

import dev.engram.scenarios.images.DrawnDigits;
import dev.engram.scenarios.images.DrawnLetters;
import dev.engram.scenarios.images.DrawnTextures;
import dev.engram.scenarios.images.TrainAndTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A task that a model can do and one that it learns, with one head for both.
 *
 * @param name as it is printed
 * @param convolves whether the model is a convolutional network, else a perceptron
 * @param old what it can do
 * @param next what it learns
 */
record BasePair(String name, boolean convolves, TrainAndTest old, TrainAndTest next) {

    private static final int SIDE = 28;
    private static final int TRAIN = 16_000;
    private static final int TEST = 2_000;

    /** Returns the pairs over MNIST and images that are drawn. */
    static List<BasePair> all(TrainAndTest mnist) {
        TrainAndTest digits = DrawnDigits.draw(TRAIN, TEST, 5);
        TrainAndTest letters = DrawnLetters.draw(TRAIN, TEST, 6);
        TrainAndTest textures = DrawnTextures.draw(TRAIN, TEST, 7);
        return List.of(
                new BasePair("MLP, MNIST to its pixels permuted", false, mnist, permuted(mnist)),
                new BasePair("MLP, drawn digits to permuted", false, digits, permuted(digits)),
                new BasePair("MLP, MNIST to drawn letters", false, mnist, letters),
                new BasePair(
                        "MLP, MNIST 0 to 4, then 5 to 9", false, only(mnist, 0), only(mnist, 5)),
                new BasePair(
                        "CNN, MNIST to drawn digits turned, renamed",
                        true,
                        mnist,
                        new TrainAndTest(
                                Parts.turned(digits.train()), Parts.turned(digits.test()))),
                new BasePair("CNN, MNIST to drawn letters", true, mnist, letters),
                new BasePair(
                        "CNN, MNIST to textures",
                        true,
                        mnist,
                        new TrainAndTest(
                                Parts.framed(textures.train(), SIDE),
                                Parts.framed(textures.test(), SIDE))));
    }

    private static TrainAndTest only(TrainAndTest images, int first) {
        return new TrainAndTest(
                Parts.only(images.train(), first, first + 5),
                Parts.only(images.test(), first, first + 5));
    }

    private static TrainAndTest permuted(TrainAndTest images) {
        List<Integer> shuffled = new ArrayList<>(IntStream.range(0, SIDE * SIDE).boxed().toList());
        Collections.shuffle(shuffled, new Random(3));
        int[] order = shuffled.stream().mapToInt(Integer::intValue).toArray();
        return new TrainAndTest(
                images.train().permute(order, images.train().labels()),
                images.test().permute(order, images.test().labels()));
    }
}
