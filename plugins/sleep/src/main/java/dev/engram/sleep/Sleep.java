package dev.engram.sleep;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.training.loss.Loss;
import ai.djl.util.Progress;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.InvalidOptionException;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.sleep.SleepingMemory;
import dev.engram.kit.evaluation.TwinnedBlock;
import dev.engram.sleep.internal.inputs.GivenInputs;
import dev.engram.sleep.internal.pace.Unseen;
import dev.engram.sleep.internal.weights.ModelWeights;
import dev.engram.sleep.internal.weights.SleepFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wins back, between trainings, some of what a model has forgotten: for a scheduler to call.
 *
 * <pre>{@code
 * Sleep sleep = Sleep.builder()
 *         .optMemory(listener::sleeping)      // what the listener keeps or makes is learnt from
 *         .addProbe("travel", travelSamples)  // labelled, of each task: no task may fall
 *         .optDirectory(Path.of("sleep"))
 *         .optBudget(Duration.ofMinutes(10))
 *         .build();
 * SleepReport report = sleep.consolidate(model);
 * }</pre>
 *
 * <p>A student learns, from inputs without labels, what the best teacher for each task answers: the
 * model as it is, a moving average of its weights or their mean ({@link WeightsFollower}), or other
 * models. The model gets what it learnt only if, on samples that had no part in any choice, no
 * task's probe falls and at least one rises, by a paired test; otherwise it is as it was, bit for
 * bit. Blocks of DJL, of ONNX files and the user's own are not touched until then, so that others
 * may run the model meanwhile; a TorchScript model has to lend its arrays, and nobody else may.
 *
 * <p>An interrupt of the thread ends it within a step. A process that is killed leaves the weights
 * of before, in whatever file the user has them; what was accepted is in the directory before the
 * model gets it, and {@link #recover} gives it to the weights that it was learnt of.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Sleep {

    private static final Logger LOG = LoggerFactory.getLogger(Sleep.class);

    private final Builder settings;

    private Sleep(Builder settings) {
        this.settings = settings;
    }

    /** Returns a builder. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Lets a model learn, and gives it what it learnt if that is accepted.
     *
     * @param model with its values, while no trainer trains it
     * @throws EngramException if there is nothing to judge by or to learn from, if the memory or
     *     the model does not allow it, or another sleep holds the directory; the model is as it was
     */
    public SleepReport consolidate(Model model) {
        return run(model, false);
    }

    /** Says what {@link #consolidate} would gain; model, memory and directory stay as they are. */
    public SleepReport dryRun(Model model) {
        return run(model, true);
    }

    private SleepReport run(Model model, boolean dry) {
        require(model);
        try (Held held = Held.open(settings, model, dry);
                Night night = new Night(settings, model, held.memory(), held.files(), dry)) {
            SleepReport report = night.run();
            LOG.info("{}", report);
            return report;
        }
    }

    /**
     * Gives a model what was accepted of just these weights, if the process died before they were
     * saved, or the user saved nothing; call it after the model is loaded.
     *
     * @return whether the model has other weights now
     * @throws EngramException if no directory is set, or the memory cannot be written; the model is
     *     as it was
     */
    public boolean recover(Model model) {
        require(model);
        if (settings.directory == null) {
            throw new EngramException("recover(...): no directory is set (optDirectory)");
        }
        ModelWeights weights = new ModelWeights(model.getBlock());
        try (Held held = Held.open(settings, model, false);
                NDManager manager = model.getNDManager().newSubManager()) {
            SleepFiles files = held.files();
            Optional<Map<String, NDArray>> accepted =
                    files == null
                            ? Optional.empty()
                            : files.accepted(weights.sum(), manager).filter(weights::fit);
            accepted.ifPresent(values -> settle(weights, values, held.memory(), manager));
            return accepted.isPresent();
        }
    }

    /** Where the memory cannot be settled, it can be tried again: the model is as it was. */
    private void settle(
            ModelWeights weights,
            Map<String, NDArray> accepted,
            @Nullable SleepingMemory memory,
            NDManager manager) {
        Map<String, NDArray> before = weights.copy(manager);
        boolean isSettled = false;
        weights.set(accepted);
        try {
            Night.settle(memory, settings);
            isSettled = true;
        } finally {
            if (!isSettled) {
                weights.set(before);
            }
        }
    }

    private static void require(Model model) {
        if (model == null || model.getBlock() == null) {
            throw new EngramException("Sleep: give a model with a block, loaded or trained");
        }
        Block block = model.getBlock();
        if (block instanceof TwinnedBlock) {
            throw new EngramException(
                    "Tasks with parameters of their own are installed on this model: none of them"
                            + " is forgotten, and all would answer something else over a base that"
                            + " moved. Take them off first, or merge them into it");
        }
        if (block.getParameters().values().stream().anyMatch(p -> !p.isInitialized())) {
            throw new EngramException(
                    "The model has parameters without values: load it, or train it first");
        }
        if (new ModelWeights(block).trained().isEmpty()) {
            throw new EngramException(
                    "No parameter of the model trains: all are frozen. Thaw some; a TorchScript"
                            + " model is loaded with the option trainParam = true");
        }
    }

    /** Builds a {@link Sleep}. */
    public static final class Builder {

        final List<ReplaySource> sources = new ArrayList<>();
        final List<Function<NDManager, GivenInputs>> inputs = new ArrayList<>();
        final Map<String, Model> teachers = new LinkedHashMap<>();
        private final Map<String, Dataset> probes = new LinkedHashMap<>();
        @Nullable Function<Model, SleepingMemory> memory;
        @Nullable Path directory;
        Duration budget = Duration.ofMinutes(1);
        Duration checkpointEvery = Duration.ofSeconds(5);
        int steps = Integer.MAX_VALUE;
        int lookEvery = 25;
        int patience = 20;
        int batchSize = 128;
        double learningRate = 5e-4;
        double temperature = 2;
        double labels;
        boolean mixes;
        double significance = 0.05;
        double margin = 0.01;
        long seed = 1;
        Answers answers = Answers.CLASSES;
        Loss loss = Loss.softmaxCrossEntropyLoss();
        Progress progress = new Unseen();

        private Builder() {}

        /**
         * Sets what opens a listener's memory: {@code listener::sleeping}. Its samples are learnt
         * from, and, without a probe of the user's, judged by; if the model moves, its penalties
         * estimate importances anew and its replay memory is compacted.
         */
        public Builder optMemory(Function<Model, SleepingMemory> memory) {
            this.memory = memory;
            return this;
        }

        /** Adds a source of samples of earlier tasks, which stays the caller's. */
        public Builder addSource(ReplaySource source) {
            sources.add(source);
            return this;
        }

        /** Adds inputs of nobody knows which tasks to learn from, of which no labels are used. */
        public Builder addInputs(Dataset dataset) {
            inputs.add(owner -> new GivenInputs(dataset, null, owner));
            return this;
        }

        /**
         * As above, of inputs of which the task is known: the teacher that answers its probe best
         * teaches them.
         */
        public Builder addInputs(String task, Dataset dataset) {
            inputs.add(owner -> new GivenInputs(dataset, task, owner));
            return this;
        }

        /**
         * Adds labelled samples of a task that nothing has trained on: half of them choose, half
         * judge. Some hundreds, or a rise can hardly be told from chance.
         *
         * @param task the task's name, as the listener knows it
         */
        public Builder addProbe(String task, Dataset dataset) {
            if (probes.putIfAbsent(task, dataset) != null) {
                throw new InvalidOptionException(
                        "addProbe: task \"%s\" was given twice".formatted(task));
            }
            return this;
        }

        /** Adds a teacher beside the model itself and its averages; it stays the caller's. */
        public Builder addTeacher(String name, Model teacher) {
            if (teachers.putIfAbsent(name, teacher) != null) {
                throw new InvalidOptionException(
                        "addTeacher: \"%s\" was given twice".formatted(name));
            }
            return this;
        }

        /**
         * Sets the directory, one for each model, where {@link WeightsFollower} leaves averages,
         * the student is written now and then, and what was accepted is before the model gets it;
         * none unless set, and then nothing outlives the process.
         */
        public Builder optDirectory(Path directory) {
            this.directory = directory;
            return this;
        }

        /**
         * Sets how long it may take, estimating importances anew not counted; 1 minute unless set.
         */
        public Builder optBudget(Duration budget) {
            this.budget = budget;
            return this;
        }

        /** Sets how often the student is written to the directory; every 5 seconds unless set. */
        public Builder optCheckpointEvery(Duration interval) {
            this.checkpointEvery = interval;
            return this;
        }

        /** Sets how many steps the student may learn; as many as the budget allows unless set. */
        public Builder optSteps(int steps) {
            this.steps = steps;
            return this;
        }

        /** Sets after how many steps the probes are looked at; 25 unless set. */
        public Builder optLookEvery(int steps) {
            this.lookEvery = steps;
            return this;
        }

        /** Sets after how many looks in vain the student stops; 20 unless set. */
        public Builder optPatience(int looks) {
            this.patience = looks;
            return this;
        }

        /** Sets how many samples a source gives to a step; 128 unless set. */
        public Builder optBatchSize(int samples) {
            this.batchSize = samples;
            return this;
        }

        /** Sets the student's learning rate, under Adam, in the beginning; 0.0005 unless set. */
        public Builder optLearningRate(double rate) {
            this.learningRate = rate;
            return this;
        }

        /** Sets what outputs are divided by before they become probabilities; 2 unless set. */
        public Builder optTemperature(double temperature) {
            this.temperature = temperature;
            return this;
        }

        /**
         * Sets how much the labels count that the memory has beside its samples, 0 to 1; not at all
         * unless set.
         */
        public Builder optLabels(double weight) {
            this.labels = weight;
            return this;
        }

        /**
         * Sets whether inputs between those of one task are learnt from, too: {@code a x + (1 - a)
         * x'}, with what the teacher answers to them. That doubles the price of a step. Only for
         * inputs whose numbers are amounts, such as pixels; not unless set.
         */
        public Builder optMixing(boolean mixes) {
            this.mixes = mixes;
            return this;
        }

        /** Sets what the model answers; scores of classes unless set. */
        public Builder optAnswers(Answers answers) {
            this.answers = answers;
            return this;
        }

        /** Sets the loss that it was trained with; softmax cross-entropy unless set. */
        public Builder optLoss(Loss loss) {
            this.loss = loss;
            return this;
        }

        /** Sets up to which probability a rise or fall counts as no chance; 0.05 unless set. */
        public Builder optSignificance(double significance) {
            this.significance = significance;
            return this;
        }

        /**
         * Sets by how much a probe's mean score may be lower without that the test tells a fall;
         * 0.01 unless set, one point of accuracy.
         */
        public Builder optMargin(double margin) {
            this.margin = margin;
            return this;
        }

        /** Sets the seed of what is drawn; 1 unless set. */
        public Builder optSeed(long seed) {
            this.seed = seed;
            return this;
        }

        /** Sets what shows how far it is, such as DJL's {@code ProgressBar}; nothing unless set. */
        public Builder optProgress(Progress progress) {
            this.progress = progress;
            return this;
        }

        /**
         * Builds it.
         *
         * @throws InvalidOptionException if options are missing or out of bounds, naming them all
         */
        public Sleep build() {
            List<String> problems = Bounds.problems(this);
            if (!problems.isEmpty()) {
                throw new InvalidOptionException("Sleep: " + String.join("; ", problems));
            }
            return new Sleep(this);
        }

        /**
         * Returns by how much a task may be lower where states are chosen, stricter than judged.
         */
        double tolerance() {
            return margin / 2;
        }

        List<Probe> probes(NDManager owner) {
            List<Probe> read = new ArrayList<>();
            probes.forEach(
                    (task, dataset) -> {
                        Probe probe = new Probe(task, answers);
                        try (NDManager call = owner.newSubManager()) {
                            Iterator<Batch> batches = GivenInputs.begin(dataset, call);
                            while (batches.hasNext()) {
                                try (Batch batch = batches.next()) {
                                    probe.add(batch.getData(), batch.getLabels(), owner);
                                }
                            }
                        }
                        read.add(probe);
                    });
            return read;
        }
    }
}
