package dev.engram.generativereplay.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.generativereplay.internal.statistics.Clusters;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

/**
 * Picks some of many texts so that all kinds are there: k-means over the mean of what the model's
 * last layer sees of each, and from each group in turn.
 *
 * @param groups how many kinds there are at most
 */
record Spread(int groups) {

    List<Text> of(List<Text> texts, int wanted, NDManager manager, SplittableRandom random) {
        if (texts.size() <= wanted) {
            return texts;
        }
        Random order = new Random(random.nextLong());
        List<List<Text>> kinds = new ArrayList<>();
        for (int[] group : groups(texts, manager, random)) {
            List<Text> kind = new ArrayList<>();
            for (int member : group) {
                kind.add(texts.get(member));
            }
            Collections.shuffle(kind, order);
            kinds.add(kind);
        }
        return inTurn(kinds, wanted);
    }

    private List<int[]> groups(List<Text> texts, NDManager manager, SplittableRandom random) {
        int width = texts.get(0).seen().length;
        float[] flat = new float[texts.size() * width];
        for (int i = 0; i < texts.size(); i++) {
            System.arraycopy(texts.get(i).seen(), 0, flat, i * width, width);
        }
        try (NDManager call = manager.newSubManager();
                NDArray rows = call.create(flat, new Shape(texts.size(), width))) {
            return Clusters.of(rows, groups, 1, random);
        }
    }

    private static List<Text> inTurn(List<List<Text>> kinds, int wanted) {
        List<Text> picked = new ArrayList<>();
        for (int turn = 0; picked.size() < wanted; turn++) {
            for (List<Text> kind : kinds) {
                if (turn < kind.size() && picked.size() < wanted) {
                    picked.add(kind.get(turn));
                }
            }
        }
        return picked;
    }
}
