package dev.engram.djl.internal.check;

import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.transformer.BertBlock;
import ai.djl.nn.transformer.BertMaskedLanguageModelLoss;
import ai.djl.nn.transformer.BertNextSentenceLoss;
import ai.djl.training.Trainer;
import ai.djl.training.loss.L2Loss;
import ai.djl.training.loss.Loss;
import ai.djl.training.loss.QuantileL1Loss;
import dev.engram.djl.internal.isolation.IsolatedBlock;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds where DJL's own blocks and losses compute with a number inside autograd, which {@link
 * dev.engram.kit.autograd.Scaled} does safely, and says so.
 */
public final class NumbersInAutograd {

    private static final Logger LOG = LoggerFactory.getLogger(NumbersInAutograd.class);
    private static final Set<String> SAID = ConcurrentHashMap.newKeySet();
    private static final List<Class<? extends Loss>> LOSSES =
            List.of(
                    L2Loss.class,
                    QuantileL1Loss.class,
                    BertMaskedLanguageModelLoss.class,
                    BertNextSentenceLoss.class);

    /** The names of DJL's activations that take a number's minimum or product. */
    private static final Set<String> ACTIVATIONS = Set.of("ReLU6", "Swish");

    private static final String DJL_LOSSES = "ai.djl.training.loss.";

    private NumbersInAutograd() {}

    /** Says, once a process for each place, what a training on a CPU risks with DJL 0.36. */
    public static void warn(Trainer trainer) {
        if (trainer.getDevices()[0].isGpu()) {
            return;
        }
        Set<String> found = found(trainer.getModel().getBlock(), trainer.getLoss());
        found.removeIf(place -> !SAID.add(place));
        if (!found.isEmpty()) {
            LOG.warn(
                    "DJL 0.36 computes with numbers inside autograd in {}, with or without Engram."
                        + " On a CPU such a number's memory may be gone before the backward pass"
                        + " reads it: if the JVM collects garbage in between, the gradients of that"
                        + " step are garbage or NaN. Make collections rare with a large young"
                        + " generation (-Xmn1g), or train on a GPU.",
                    found);
        }
    }

    /** Returns the names of such blocks, and of the loss if it is one. */
    public static Set<String> found(Block block, Loss loss) {
        Set<String> found = new TreeSet<>();
        look(block, found);
        boolean isKnown = LOSSES.stream().anyMatch(kind -> kind.isInstance(loss));
        if (isKnown || hasWeight(loss)) {
            found.add(loss.getClass().getSimpleName());
        }
        return found;
    }

    private static void look(Block block, Set<String> found) {
        if (block instanceof IsolatedBlock) {
            // What trains behind it is mostly composed anew, without such numbers.
            return;
        }
        // Its attention gets its numbers from a manager that is closed with the layer.
        if (block instanceof BertBlock) {
            found.add("BertBlock");
            return;
        }
        if (block instanceof LambdaBlock lambda && ACTIVATIONS.contains(lambda.getName())) {
            found.add(lambda.getName());
        }
        block.getChildren().values().forEach(child -> look(child, found));
    }

    /** DJL's losses multiply by their weight unless it is 1, and do not tell it. */
    private static boolean hasWeight(Loss loss) {
        for (Class<?> kind = loss.getClass(); kind != null; kind = kind.getSuperclass()) {
            if (kind.getName().startsWith(DJL_LOSSES)) {
                try {
                    Field weight = kind.getDeclaredField("weight");
                    weight.setAccessible(true);
                    return weight.getFloat(loss) != 1;
                } catch (ReflectiveOperationException | RuntimeException e) {
                    LOG.trace("{} has no weight", kind, e);
                }
            }
        }
        return false;
    }
}
