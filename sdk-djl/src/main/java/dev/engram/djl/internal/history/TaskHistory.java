package dev.engram.djl.internal.history;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import dev.engram.api.EngramException;
import dev.engram.djl.internal.guards.Guards;
import dev.engram.djl.internal.memory.Generation;
import dev.engram.djl.internal.memory.GenerationDraft;
import dev.engram.djl.internal.memory.MemoryDirectory;
import dev.engram.djl.internal.parameters.RunningStatistics;
import dev.engram.djl.memory.LearntTask;
import dev.engram.djl.privacy.ErasureAudit;
import dev.engram.kit.shape.ModelShapes;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tasks that a listener has learnt, and the directory where they outlive it. */
public final class TaskHistory {

    private static final Logger LOG = LoggerFactory.getLogger(TaskHistory.class);

    private final @Nullable MemoryDirectory directory;
    private final Clock clock;
    private final Optional<Generation> restored;
    private final List<LearntTask> tasks = new ArrayList<>();
    private final Lineage lineage;
    private final TaskStatistics statistics;
    private @Nullable RunningStatistics beforeFirstPass;
    private final boolean hasOneModel;
    private Map<String, Shape> learnt = Map.of();
    private List<String> onDisk = List.of();
    private long generation;

    /**
     * Begins with what the directory holds, if there is one.
     *
     * @param latest what it holds
     * @param guards the names of those that the listener has
     * @param isolates whether tasks have parameters of their own, which check their base themselves
     */
    public TaskHistory(
            @Nullable MemoryDirectory directory,
            Optional<Generation> latest,
            Clock clock,
            Set<String> guards,
            boolean isolates) {
        this.directory = directory;
        this.clock = clock;
        this.hasOneModel = !isolates;
        this.restored = latest;
        this.lineage = new Lineage(restored.map(Generation::weights).orElse(List.of()));
        this.statistics = new TaskStatistics(restored);
        restored.ifPresent(
                found -> {
                    requireGuards(found, guards);
                    tasks.addAll(found.tasks());
                    generation = found.number();
                    onDisk = names();
                });
    }

    /** Returns the record of what is erased here. */
    public ErasureAudit audit() {
        return directory == null ? ErasureAudit.ofThisProcess() : ErasureAudit.in(directory.path());
    }

    public Optional<Generation> restored() {
        return restored;
    }

    public List<LearntTask> tasks() {
        return List.copyOf(tasks);
    }

    public SortedSet<Integer> classes() {
        SortedSet<Integer> classes = new TreeSet<>();
        tasks.forEach(task -> classes.addAll(task.classes()));
        return classes;
    }

    public void requireNew(String name) {
        if (tasks.stream().anyMatch(task -> task.name().equals(name))) {
            throw new EngramException(
                    "A task \"%s\" was already learnt; tasks so far: %s. Give this one another name."
                            .formatted(name, names()));
        }
    }

    public String freeName() {
        int number = 1;
        while (isTaken("task-" + number)) {
            number++;
        }
        return "task-" + number;
    }

    public void requireFits(Block block) {
        restored.ifPresent(found -> found.requireFits(block));
        if (!learnt.isEmpty()) {
            requireLearnt(ModelShapes.of(block));
        }
    }

    private void requireLearnt(Map<String, Shape> present) {
        List<String> problems = ModelShapes.differences(learnt, present);
        if (!problems.isEmpty() && !ModelShapes.differInHead(learnt, present)) {
            throw new EngramException(
                    "This listener has learnt tasks of another model; build a listener for each"
                            + " model.\n  - "
                            + String.join("\n  - ", problems));
        }
    }

    /**
     * Keeps other writers from the directory while something is learnt, until {@link #release}.
     *
     * @throws EngramException if one is there, or what is learnt cannot be written down
     */
    public void hold() {
        if (directory != null) {
            directory.hold(generation);
        }
    }

    /** Lets others write to the directory. */
    public void release() {
        if (directory != null) {
            directory.release();
        }
    }

    /**
     * Looks at the weights before a task trains, and says where they are not those that the memory
     * is about; nothing for tasks with parameters of their own, which check their base themselves.
     *
     * @throws EngramException if they are another model's
     */
    public void requireOwnWeights(Block block) {
        if (hasOneModel) {
            lineage.begin(block);
        }
    }

    /** Keeps in mind which weights a task left that was broken off. */
    public void breakOff(String task, Block block) {
        if (hasOneModel) {
            lineage.breakOff(task, block);
        }
    }

    /** As {@link #requireOwnWeights}, for a model that is to be remembered as it is. */
    public void requireKin(Block block) {
        lineage.require(block);
    }

    /** Takes a model for the one that the memory is about. */
    public void adopt(Block block) {
        lineage.adopt(block);
    }

    /** Says what is lost when a listener closes that keeps tasks in this process alone. */
    public void warnOfLoss() {
        if (directory == null && !hasOneModel && !tasks.isEmpty()) {
            LOG.warn(
                    "The parameters of tasks {} go with this listener: it has no memory directory"
                            + " (optMemory). What was neither exported nor merged is lost.",
                    names());
        }
    }

    /** Adds a task and writes everything down, if there is a directory. */
    public void add(LearntTask task, Guards guards, Block block) {
        RunningStatistics before = beforeFirstPass;
        NDManager keeper = guards.manager();
        add(
                task,
                guards,
                block,
                before == null ? RunningStatistics.of(block, keeper) : before.copy(keeper));
    }

    /**
     * Says what the running statistics were before a trainer's first pass moved them, for what is
     * remembered of the model as it was then; null when the trainer has ended.
     */
    public void setBeforeFirstPass(@Nullable RunningStatistics statistics) {
        beforeFirstPass = statistics;
    }

    /** As above, with the running statistics that the task left where it was trained. */
    public void add(LearntTask task, Guards guards, Block block, RunningStatistics left) {
        tasks.add(task);
        statistics.add(tasks, left, guards.manager());
        learnt = ModelShapes.of(block);
        if (hasOneModel) {
            lineage.add(task.name(), block);
        }
        if (directory != null) {
            write(task, directory, guards, block);
        }
    }

    private void write(LearntTask task, MemoryDirectory to, Guards guards, Block block) {
        try {
            GenerationDraft draft =
                    new GenerationDraft(tasks, block.getParameters(), clock.instant());
            draft.weights(lineage.known());
            write(to, draft, guards);
        } catch (RuntimeException e) {
            throw notOnDisk(task, to, e);
        }
    }

    private EngramException notOnDisk(LearntTask task, MemoryDirectory to, RuntimeException e) {
        return new EngramException(
                "Task \"%s\" is NOT on disk: %s\nIn this process its guards hold it, and where that is mended the end of the next task writes it, too. The memory %s is whole, as it was before: it holds %s."
                        .formatted(
                                task.name(),
                                e.getMessage(),
                                to.path(),
                                onDisk.isEmpty() ? "no task yet" : "the tasks " + onDisk),
                e);
    }

    /** Takes in weights that were moved between trainings, and writes everything down. */
    public void settle(Guards guards, Block block) {
        lineage.settle(block);
        if (directory == null || tasks.isEmpty()) {
            return;
        }
        GenerationDraft draft = new GenerationDraft(tasks, block.getParameters(), clock.instant());
        draft.weights(lineage.known());
        write(directory, draft, guards);
    }

    /**
     * Gives a model the running statistics with which a task was learnt.
     *
     * @throws EngramException if there is no such task, or nothing of it is kept
     */
    public void useStatistics(Model model, String task) {
        if (!isTaken(task)) {
            throw new EngramException(
                    "No task \"%s\" was learnt; there are %s"
                            .formatted(task, tasks.stream().map(LearntTask::name).toList()));
        }
        statistics.use(model.getBlock(), task, model.getNDManager());
    }

    /**
     * Writes everything down anew and leaves neither an earlier generation nor the beginnings of
     * one, if there is a directory.
     */
    public void rewrite(Guards guards) {
        if (directory == null) {
            return;
        }
        directory.removeUnfinished();
        if (generation > 0 && guards.isOpen() && !directory.isEmpty()) {
            Generation last = directory.read(generation);
            GenerationDraft draft = new GenerationDraft(tasks, last, clock.instant());
            write(directory, draft, guards);
            directory.dropEarlier(generation);
        }
    }

    private void write(MemoryDirectory to, GenerationDraft draft, Guards guards) {
        try (NDManager scratch = guards.manager().newSubManager()) {
            guards.save(draft, scratch);
            statistics.save(tasks, draft, guards.manager());
            generation = to.write(draft, generation);
            onDisk = names();
        }
    }

    private List<String> names() {
        return tasks.stream().map(LearntTask::name).toList();
    }

    private boolean isTaken(String name) {
        return tasks.stream().anyMatch(task -> task.name().equals(name));
    }

    private static void requireGuards(Generation found, Set<String> guards) {
        Set<String> lost = new TreeSet<>(found.guards());
        lost.removeAll(guards);
        if (!lost.isEmpty()) {
            throw new EngramException(
                    "The memory holds what the guards %s learnt, which this listener does not have, so"
                                    .formatted(lost)
                            + " it would be lost: add them (addStrategy), or use another"
                            + " directory");
        }
    }
}
