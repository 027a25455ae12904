package dev.engram.djl.internal.history;

import ai.djl.nn.Block;
import dev.engram.api.EngramException;
import dev.engram.djl.internal.memory.TaskWeights;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows the weights that the model had after each task, those of earlier processes included, so
 * that the memory of one model is not laid upon another.
 */
final class Lineage {

    private static final Logger LOG = LoggerFactory.getLogger(Lineage.class);

    /**
     * Models that were initialised apart have about 0 in common, trained on from one another most.
     */
    private static final double KIN = 0.25;

    private static final String LOAD =
            "The memory does not hold the model: save it (model.save) after each task, and load it"
                    + " (model.load) before the next.";

    private final List<Known> known = new ArrayList<>();
    private WeakReference<Block> own = new WeakReference<>(null);
    private @Nullable Fingerprint beginning;
    private @Nullable Known brokenOff;

    /** Goes on from what a memory knows of the weights after each of its tasks, in order. */
    Lineage(List<TaskWeights> restored) {
        restored.forEach(kept -> known.add(new Known(kept.task(), Fingerprint.of(kept))));
    }

    /** Returns what a memory is to know of the weights. */
    List<TaskWeights> known() {
        return known.stream().map(one -> one.weights.after(one.task)).toList();
    }

    /** Takes a block for the model's, whatever its weights. */
    void adopt(Block block) {
        own = new WeakReference<>(block);
    }

    /** Looks at the weights before a task trains. */
    void begin(Block block) {
        Fingerprint now = Fingerprint.of(block);
        compare(block, now);
        beginning = now;
    }

    /** Keeps the weights after a task. */
    void add(String task, Block block) {
        Fingerprint now = Fingerprint.of(block);
        Fingerprint before = beginning;
        if (before != null && now.differing(before).isEmpty()) {
            LOG.warn(
                    "Task \"{}\" is learnt, but its training changed NO weight: is the learning"
                            + " rate 0, or did the loop never call trainer.step()?",
                    task);
        } else if (before != null && known.isEmpty()) {
            known.add(new Known(TaskWeights.BEGINNING, before));
        }
        beginning = null;
        brokenOff = null;
        known.replaceAll(Known::older);
        known.add(new Known(task, now));
        own = new WeakReference<>(block);
    }

    /** Takes weights that were moved between trainings for those that the newest task left. */
    void settle(Block block) {
        if (!known.isEmpty()) {
            int newest = known.size() - 1;
            known.set(newest, new Known(known.get(newest).task, Fingerprint.of(block)));
            own = new WeakReference<>(block);
            brokenOff = null;
        }
    }

    /** Keeps in mind which weights a task left that was broken off. */
    void breakOff(String task, Block block) {
        beginning = null;
        brokenOff = new Known(task, Fingerprint.of(block).withoutValues());
    }

    /**
     * Looks at the weights of a model of which something is to be remembered.
     *
     * @throws EngramException if they are another model's
     */
    void require(Block block) {
        if (!known.isEmpty()) {
            compare(block, Fingerprint.of(block));
        }
    }

    private void compare(Block block, Fingerprint now) {
        if (known.isEmpty()) {
            return;
        }
        Known newest = known.get(known.size() - 1);
        List<String> changed = now.differing(newest.weights);
        Map<String, Long> grown = newest.weights.grown(block, changed);
        changed.removeAll(grown.keySet());
        if (changed.isEmpty()) {
            tellOfGrowth(grown, newest);
            return;
        }
        Known broken = brokenOff;
        if (broken != null && broken.has(now)) {
            tellOfBrokenOff(broken, newest);
            return;
        }
        Optional<Known> earlier = known.stream().filter(one -> one.has(now)).findFirst();
        if (earlier.isPresent()) {
            warnOfEarlier(earlier.get());
        } else if (own.get() != block && now.kinship(newest.weights) < KIN) {
            throw other(changed, newest);
        } else {
            warnOfChange(changed, newest);
        }
    }

    private static void tellOfGrowth(Map<String, Long> grown, Known newest) {
        if (!grown.isEmpty()) {
            LOG.info(
                    "The model has grown since task \"{}\": the first rows of {} are those that"
                            + " task left; those behind them are new, and free.",
                    newest.task,
                    grown);
        }
    }

    private static void tellOfBrokenOff(Known broken, Known newest) {
        LOG.warn(
                "The model goes on with the weights that task \"{}\" left when it was broken off:"
                    + " what it could do after task \"{}\" was guarded meanwhile. To train as if it"
                    + " had never begun, load the weights from before.",
                broken.task,
                newest.task);
    }

    private void warnOfEarlier(Known one) {
        List<String> later =
                known.subList(known.indexOf(one) + 1, known.size()).stream()
                        .map(Known::task)
                        .toList();
        LOG.warn(
                "The model has the weights that it had {} task \"{}\": what tasks {} learnt is held"
                        + " by the memory, but is not in these weights. {}",
                one.isBeginning() ? "before" : "after",
                one.isBeginning() ? later.get(0) : one.task,
                later,
                LOAD);
    }

    private static void warnOfChange(List<String> changed, Known newest) {
        LOG.warn(
                "The model has other weights than after task \"{}\" ({} parameters, such as {}):"
                    + " they were trained without this listener, left by a task that was broken"
                    + " off, or replaced, and what the model learnt since is NOT protected. If"
                    + " earlier tasks are not in these weights any more they cannot be held: load"
                    + " the model that learnt them. {}{}",
                newest.task,
                changed.size(),
                changed.get(0),
                LOAD,
                newest.weights.hasValues()
                        ? ""
                        : " An earlier Engram wrote this memory and kept checksums alone, so"
                                + " whether it is about this model at all cannot be checked.");
    }

    private static EngramException other(List<String> changed, Known newest) {
        return new EngramException(
                "The memory is about another model: the weights (%d parameters, such as %s) have nothing in common with those after task \"%s\". %s A memory belongs to one model, so build a listener for each. If it is the same model nevertheless, say so before it trains: listener.continueWith(model)."
                        .formatted(changed.size(), changed.get(0), newest.task, LOAD));
    }

    private record Known(String task, Fingerprint weights) {

        boolean has(Fingerprint now) {
            return now.differing(weights).isEmpty();
        }

        boolean isBeginning() {
            return task.equals(TaskWeights.BEGINNING);
        }

        Known older() {
            return new Known(task, weights.withoutValues());
        }
    }
}
