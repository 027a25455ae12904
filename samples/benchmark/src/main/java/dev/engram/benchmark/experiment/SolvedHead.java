package dev.engram.benchmark.experiment;

import ai.djl.Model;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import dev.engram.analytic.RandomFeatures;
import dev.engram.scenarios.Protocol;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A strategy that solves its head and trains nothing: one pass over each task's data, on random
 * features of the pixels, whose number may follow the id: {@code ridge-head-5000}.
 *
 * @param id of the strategy
 * @param features how many random features there are, 0 for the pixels themselves
 */
record SolvedHead(String id, int features) {

    private static final Pattern NAME = Pattern.compile("(ridge-head|slda|ncm)(?:-(\\d{1,6}))?");
    private static final int FEATURES = 2000;

    /** Of no account to what is learnt; large ones are faster. */
    private static final int BATCH = 1000;

    /** Returns the one that a name means, if it means one. */
    static Optional<SolvedHead> of(String name) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String features = matcher.group(2);
        return Optional.of(
                new SolvedHead(
                        matcher.group(1),
                        features == null ? FEATURES : Integer.parseInt(features)));
    }

    /** Returns the strategy's id without what is said of features. */
    static String id(String name) {
        return of(name).map(SolvedHead::id).orElse(name);
    }

    /** Returns the protocol with one pass. */
    static Protocol once(Protocol protocol) {
        return new Protocol(
                protocol.name(),
                protocol.hidden(),
                BATCH,
                0,
                1,
                protocol.learningRate(),
                protocol.keepsOptimizer());
    }

    /** Returns a model without values. */
    Model model(int outputs, long seed) {
        SequentialBlock block = new SequentialBlock().add(Blocks.batchFlattenBlock());
        if (features > 0) {
            block.add(RandomFeatures.block(features, seed));
        }
        Model model = Model.newInstance("solved-head");
        model.setBlock(block.add(Linear.builder().setUnits(outputs).build()));
        return model;
    }
}
