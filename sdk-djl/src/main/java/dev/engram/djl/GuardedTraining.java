package dev.engram.djl;

import ai.djl.Device;
import ai.djl.nn.Block;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.listener.TrainingListener.BatchData;
import dev.engram.api.EngramException;
import dev.engram.api.spi.Role;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.check.BothWays;
import dev.engram.djl.internal.check.HeardLoop;
import dev.engram.djl.internal.check.NumbersInAutograd;
import dev.engram.djl.internal.check.TrainerCheck;
import dev.engram.djl.internal.check.TrainerListeners;
import dev.engram.djl.internal.gradient.LeftGradients;
import dev.engram.djl.internal.guards.Guards;
import dev.engram.djl.internal.history.TaskHistory;
import dev.engram.djl.internal.isolation.IsolatedBlock;
import dev.engram.djl.internal.loss.JointLoss;
import dev.engram.djl.internal.parameters.RunningStatistics;
import dev.engram.djl.internal.training.TaskSession;
import dev.engram.djl.internal.training.WeightReads;
import dev.engram.djl.tasks.IsolationGuard;
import dev.engram.kit.evaluation.EvaluationBlocks;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The trainer that a listener guards, from its begin to its end, and the task that it trains. */
final class GuardedTraining {

    private static final Logger LOG = LoggerFactory.getLogger(GuardedTraining.class);

    private final Guards guards;
    private final TaskHistory history;
    private final ListenerOptions options;
    private final BaseProtection base;
    private final Preflight check;
    private final TaskEnding ending;
    private @Nullable Trainer trainer;
    private @Nullable TrainerListeners beside;
    private @Nullable TaskSession session;
    private @Nullable Custody custody;
    private @Nullable String nextName;
    private @Nullable Task upcoming;
    private JointLoss joint = JointLoss.none();
    private @Nullable WeightReads reads;
    private HeardLoop heard = new HeardLoop();

    GuardedTraining(Guards guards, TaskHistory history, ListenerOptions options) {
        this.guards = guards;
        this.history = history;
        this.options = options;
        this.base = new BaseProtection(guards, history, options);
        this.check = new Preflight(guards, options);
        this.ending = new TaskEnding(guards, history);
    }

    /** Returns whether a trainer is guarded now. */
    boolean isOn() {
        return trainer != null;
    }

    /** Returns the task in training, if any batch of it was heard. */
    @Nullable TaskSession session() {
        return session;
    }

    void name(String name) {
        nextName = name;
    }

    Task takeName() {
        String name = nextName;
        nextName = null;
        return Task.named(name == null ? history.freeName() : name);
    }

    void begin(Trainer beginning, TrainingListener own) {
        TrainerListeners others = new TrainerListeners(beginning, own);
        check.listeners(others);
        // Loops of reinforcement learning tell the begin themselves, as the trainer did before.
        if (beginning == trainer) {
            return;
        }
        requireFree();
        TrainerCheck.requireInTurn(beginning);
        Block block = beginning.getModel().getBlock();
        check.block(block);
        check.gradients(block);
        check.loss(beginning);
        BothWays.refuse(block, beginning.getManager().getEngine());
        if (block.isInitialized()) {
            history.requireFits(block);
        }
        LeftGradients.clear(block, beginning.getManager());
        options.isolation().ifPresent(guard -> install(guard, beginning, others));
        if (!isolates()) {
            TrainerCheck.requireDevices(beginning);
            base.look(block);
            history.setBeforeFirstPass(RunningStatistics.of(block, beginning.getManager()));
        }
        NumbersInAutograd.warn(beginning);
        guards.begin(beginning);
        joint = JointLoss.of(beginning, guards);
        reads = isolates() ? null : WeightReads.of(beginning, guards, this::read);
        trainer = beginning;
        beside = others;
        heard = new HeardLoop();
    }

    private void requireFree() {
        Trainer current = trainer;
        if (current == null) {
            return;
        }
        TaskSession open = session;
        if (open != null && open.isLearnt()) {
            LOG.warn(
                    "Another trainer begins, but the one before was never closed: its task \"{}\""
                            + " ends here",
                    open.task());
            end(current);
            return;
        }
        throw new EngramException(
                "This listener still guards another trainer: close that one first, or build a"
                        + " listener for each");
    }

    private void install(IsolationGuard guard, Trainer beginning, TrainerListeners others) {
        TrainerCheck.requireOnModelsDevice(beginning);
        TrainerCheck.requireDevices(beginning);
        check.saved(others);
        guard.install(beginning.getModel(), () -> nameOver(beginning));
    }

    void batch(Trainer training, BatchData batch, TrainingListener own) {
        if (training != trainer) {
            begin(training, own);
        }
        heard.batch();
        if (beside != null) {
            beside.batch(batch);
        }
        TaskSession current = session;
        if (current == null) {
            current = first(training, batch);
            session = current;
            if (!options.rehearses() && !isolates() && guards.playing(Role.SOLVED_HEAD).isEmpty()) {
                current.watchSharedHead(history.classes());
            }
        }
        current.batch(batch);
    }

    private TaskSession first(Trainer training, BatchData batch) {
        Task task = upcoming == null ? nameOver(training) : upcoming;
        check.samples(batch);
        check.weights(usersBlock(training), guards.manager());
        upcoming = null;
        if (!isolates()) {
            base.protect(training, batch, task);
            history.requireOwnWeights(usersBlock(training));
            if (custody == null) {
                custody = new Custody(usersBlock(training), guards.manager());
            }
        }
        return new TaskSession(
                task,
                training,
                guards,
                options.newTrainingSample(guards.manager()),
                options.subjects(),
                options.accumulation(),
                joint);
    }

    /** Names the task that begins, once the memory is found to be about this model. */
    private Task nameOver(Trainer training) {
        Block block = usersBlock(training);
        history.requireFits(block);
        history.hold();
        EvaluationBlocks.of(block);
        Device device = training.getDevices()[0];
        guards.open(device, training.getManager().getEngine().getEngineName(), history.restored());
        Task task = takeName();
        upcoming = task;
        return task;
    }

    private static Block usersBlock(Trainer training) {
        return IsolatedBlock.usersBlock(training.getModel().getBlock());
    }

    void validationBatch() {
        heard.validationBatch();
    }

    void epoch() {
        if (beside != null) {
            beside.epoch();
        }
        if (session != null) {
            session.epoch();
        } else {
            heard.epochWithoutTask();
        }
    }

    /** Ends the training of this trainer; of others, such as one closed twice, it knows nothing. */
    void end(Trainer ending) {
        // DJL's finalizer ends trainers that were refused, or closed already, at any later time.
        if (ending != trainer) {
            return;
        }
        try {
            endTasks();
        } finally {
            trainer = null;
            upcoming = null;
            history.setBeforeFirstPass(null);
            standAside();
            try {
                guards.end(ending);
            } finally {
                options.isolation().ifPresent(IsolationGuard::takeOff);
                giveBack();
                history.release();
            }
        }
    }

    /** Takes off what stands before the user's block, the last first. */
    private void standAside() {
        if (reads != null) {
            reads.close();
            reads = null;
        }
        joint.close();
    }

    /** Hears that somebody is about to see the weights. */
    private void read() {
        if (session != null) {
            session.read();
        }
    }

    private void endTasks() {
        TaskSession current = session;
        if (current == null) {
            if (!options.isolation().map(IsolationGuard::hasRefused).orElse(false)) {
                heard.endWithoutTask();
            }
            return;
        }
        if (beside != null && beside.hidesEpoch()) {
            current.epoch();
        }
        if (current.isLearnt()) {
            learn(current);
        } else {
            // Whatever a guard does then, the listener is free for the next task.
            session = null;
            ending.drop(current);
        }
    }

    void learn(TaskSession current) {
        session = null;
        Trainer last = trainer;
        ending.learn(current, last == null || last.getModel().getNDManager().isOpen());
    }

    private void giveBack() {
        if (custody != null) {
            custody.close();
            custody = null;
        }
    }

    /** Ends what still trains: whole epochs are learnt, as if the trainer had been closed. */
    void close() {
        Trainer current = trainer;
        if (current != null) {
            end(current);
        }
    }

    private boolean isolates() {
        return options.isolation().isPresent();
    }
}
