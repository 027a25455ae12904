package dev.engram.replay.dataset;

import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.translate.TranslateException;
import ai.djl.util.Progress;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.task.Task;
import dev.engram.kit.rehearsal.Mixing;
import dev.engram.kit.rows.Subjects;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A data set of a new task with samples of earlier ones mixed into its batches.
 *
 * <p>Each batch holds the new samples and behind them those that {@link Mixing} asks for, of other
 * tasks than this one; earlier samples of other shapes follow as batches of their own. The source
 * sees the new samples of every batch that is taken. It must choose while it observes, as all
 * selections but herding do. Use it instead of a rehearsing strategy on the listener, not beside
 * one. The indices of a batch are those of its new samples. Used on the thread that iterates; does
 * not close the source, on which the caller erases subjects, too.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class ReplayDataset implements Dataset {

    private final Dataset fresh;
    private final ReplaySource source;
    private final Task task;
    private final Mixing mixing;
    private final Subjects subjects;
    private final AtomicLong steps = new AtomicLong();

    private ReplayDataset(Builder builder, Dataset fresh, ReplaySource source, Task task) {
        this.fresh = fresh;
        this.source = source;
        this.task = task;
        this.mixing = builder.mixing;
        this.subjects = builder.subjects;
    }

    /** Returns a builder. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public Iterable<Batch> getData(NDManager manager) throws IOException, TranslateException {
        Iterable<Batch> batches = fresh.getData(manager);
        return () -> {
            source.onEpoch();
            return new MixedBatches(batches.iterator(), source, task, mixing, subjects, steps);
        };
    }

    @Override
    public void prepare(@Nullable Progress progress) throws IOException, TranslateException {
        fresh.prepare(progress);
    }

    /** Builds a {@link ReplayDataset}. */
    public static final class Builder {

        private @Nullable Dataset fresh;
        private @Nullable ReplaySource source;
        private @Nullable Task task;
        private Mixing mixing = Mixing.fixed(0.2);
        private Subjects subjects = batch -> List.of();

        Builder() {}

        /** Sets the data set of the new task. */
        public Builder setDataset(Dataset fresh) {
            this.fresh = fresh;
            return this;
        }

        /** Sets where earlier samples come from and new ones go; the caller closes it. */
        public Builder setSource(ReplaySource source) {
            this.source = source;
            return this;
        }

        /** Sets the name of the new task. */
        public Builder setTask(String name) {
            this.task = Task.named(name);
            return this;
        }

        /** Sets how many samples go with a batch; eight new to two earlier ones unless set. */
        public Builder optMixing(Mixing mixing) {
            this.mixing = mixing;
            return this;
        }

        /** Sets what says whom samples are about; nobody unless set. */
        public Builder optSubjects(Subjects subjects) {
            this.subjects = subjects;
            return this;
        }

        /**
         * Builds the data set.
         *
         * @throws EngramException if something is missing, the source chooses only when a listener
         *     tells it of the end of a task, or the mixing follows a loss, which a data set does
         *     not know
         */
        public ReplayDataset build() {
            if (fresh == null || source == null || task == null) {
                throw new EngramException(
                        "A replay data set needs setDataset, setSource and setTask");
            }
            if (!source.isOnline()) {
                throw new EngramException(
                        "This source chooses its samples at the end of a task, of which a data set"
                                + " does not hear: use another selection, or the listener");
            }
            if (mixing.followsLoss()) {
                throw new EngramException(
                        "Mixing by progress needs the loss, which a data set does not know: use"
                                + " another course, or the listener");
            }
            return new ReplayDataset(this, fresh, source, task);
        }
    }
}
