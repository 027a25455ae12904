package dev.engram.djl.internal.check;

import ai.djl.training.Trainer;
import ai.djl.training.listener.EarlyStoppingListener;
import ai.djl.training.listener.SaveModelTrainingListener;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.listener.TrainingListener.BatchData;
import java.util.ArrayList;
import java.util.List;

/** The listeners of a trainer, as far as they touch what this one does. */
public final class TrainerListeners {

    private final List<TrainingListener> all = new ArrayList<>();
    private final TrainingListener own;
    private long heard;
    private boolean isWhole;

    /** Looks at a trainer that begins; {@code own} is the one that guards it. */
    public TrainerListeners(Trainer trainer, TrainingListener own) {
        this.own = own;
        trainer.notifyListeners(all::add);
    }

    /** Returns whether the one that guards is there twice. */
    public boolean hasOwnTwice() {
        return all.stream().filter(listener -> listener == own).count() > 1;
    }

    /** Returns whether any of them saves models. */
    public boolean savesModels() {
        return all.stream().anyMatch(SaveModelTrainingListener.class::isInstance);
    }

    /** Counts a batch of the epoch. */
    public void batch(BatchData data) {
        if (data.getBatch() != null) {
            heard += data.getBatch().getSize();
            long total = data.getBatch().getProgressTotal();
            // A sampler may leave out a last batch that is not full.
            isWhole = total > 0 && heard > total - data.getBatch().getSize();
        }
    }

    /** Begins an epoch. */
    public void epoch() {
        heard = 0;
        isWhole = false;
    }

    /**
     * Returns whether all batches of an epoch were heard, but perhaps not its end: a listener that
     * stops the training early, by an exception, keeps the end of its last epoch from those behind
     * it.
     */
    public boolean hidesEpoch() {
        return isWhole
                && all.stream()
                        .takeWhile(listener -> listener != own)
                        .anyMatch(TrainerListeners::mayStopEarly);
    }

    private static boolean mayStopEarly(TrainingListener listener) {
        return listener instanceof EarlyStoppingListener
                || !listener.getClass().getName().startsWith("ai.djl.");
    }
}
