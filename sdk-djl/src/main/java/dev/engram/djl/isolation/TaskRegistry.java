package dev.engram.djl.isolation;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.util.PairList;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.isolation.IsolatedBlock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Named tasks over one base model, which are switched in one call.
 *
 * <p>{@link #install} puts a block before the model's own that sends each forward pass to the
 * active task; without one, and after {@link #uninstall}, the outputs are those of the base, bit
 * for bit. For requests of different tasks at once take a {@link TaskHandle} for each.
 *
 * <p>Loading, unloading and switching may be called on any thread, one at a time (they lock each
 * other out); forward passes never wait for them.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class TaskRegistry implements AutoCloseable {

    private final Model model;
    private final ParameterIsolation isolation;
    private final NDManager manager;
    private final Base base;
    private final IsolatedBlock root;
    private volatile Map<String, LoadedTask> tasks = Map.of();
    private volatile @Nullable LoadedTask active;

    /**
     * Creates an empty registry.
     *
     * @param model with values in all its parameters
     * @param isolation makes the parameters of tasks; the registry closes it
     */
    public TaskRegistry(Model model, ParameterIsolation isolation) {
        Block block = model.getBlock();
        this.model = model;
        this.isolation = isolation;
        this.manager =
                NDManager.newBaseManager(
                        model.getNDManager().getDevice(),
                        model.getNDManager().getEngine().getEngineName());
        this.manager.setName("engram tasks");
        Block own = block instanceof IsolatedBlock installed ? installed.base() : block;
        this.base = new Base(own, own.getParameters(), manager, List.of());
        this.root = new IsolatedBlock(own, this::route, PairList::new);
    }

    /** Puts the registry's block before the model's own. */
    public void install() {
        model.setBlock(root);
    }

    /** Gives the model its own block back, with the values of the base. */
    public void uninstall() {
        isolation.uninstall(base);
        if (model.getBlock().equals(root)) {
            model.setBlock(base.block());
        }
    }

    /** Returns the names of the loaded tasks, in the order in which they came. */
    public List<String> tasks() {
        return List.copyOf(tasks.keySet());
    }

    /** Returns the name of the active task, empty if the base is. */
    public String active() {
        LoadedTask now = active;
        return now == null ? "" : now.name();
    }

    /** Makes a task the one that forward passes of the model use from now on. */
    public synchronized void activate(String name) {
        active = task(name);
    }

    /** Makes the base the one that forward passes use. */
    public synchronized void deactivate() {
        active = null;
    }

    /** Returns a handle on a task, which does not change with the active one. */
    public TaskHandle handle(String name) {
        LoadedTask task = task(name);
        return new TaskHandle(
                name, model, new IsolatedBlock(base.block(), task::forward, PairList::new));
    }

    /** Returns a handle on the base. */
    public TaskHandle base() {
        return new TaskHandle(
                "",
                model,
                new IsolatedBlock(
                        base.block(), pass -> isolation.forwardBase(base, pass), PairList::new));
    }

    /**
     * Loads a task from its tensors; a task of that name is replaced, at once for new passes.
     *
     * @param tensors by the names that the method's task parameters have; they are copied
     * @throws EngramException if they do not fit, naming them all; nothing is changed then
     */
    public synchronized void load(String name, Map<String, NDArray> tensors) {
        TaskParameters fresh = create(name);
        try {
            TaskTensors.put(name, tensors, fresh);
        } catch (RuntimeException e) {
            new LoadedTask(name, fresh).unload();
            throw e;
        }
        put(name, fresh);
    }

    /**
     * Loads a task that a method makes from something of its own, such as its files.
     *
     * <p>Unlike those that were learnt, such tasks are not written into the memory directory.
     *
     * @param maker gets the method and the base, whose arrays hold the base's values
     */
    public synchronized void add(
            String name, BiFunction<ParameterIsolation, BaseModel, TaskParameters> maker) {
        put(name, maker.apply(isolation, untouched().after(learnt())));
    }

    /** Lets somebody read the base and the parameters of a task. */
    public synchronized <T> T read(String name, BiFunction<BaseModel, TaskParameters, T> reader) {
        TaskParameters parameters = task(name).parameters();
        return reader.apply(untouched(), parameters);
    }

    /** Returns copies of the tensors of a task, by name. */
    public Map<String, NDArray> tensors(String name, NDManager owner) {
        Map<String, NDArray> copies = new LinkedHashMap<>();
        task(name)
                .parameters()
                .parameters()
                .forEach(
                        own -> {
                            NDArray copy = own.getValue().getArray().duplicate();
                            copy.attach(owner);
                            copies.put(own.getKey(), copy);
                        });
        return copies;
    }

    /** Removes a task; passes that run it end as they began. */
    public synchronized void unload(String name) {
        LoadedTask gone = task(name);
        Map<String, LoadedTask> rest = new LinkedHashMap<>(tasks);
        rest.remove(name);
        tasks = rest;
        if (gone.equals(active)) {
            active = null;
        }
        gone.unload();
    }

    /**
     * Loads the weighted sum of tasks under a name of its own.
     *
     * @param weights by task
     * @throws EngramException if the method knows no such sum
     */
    public synchronized void combine(String name, Map<String, Double> weights) {
        Map<TaskParameters, Double> chosen = new LinkedHashMap<>();
        weights.forEach((task, weight) -> chosen.put(task(task).parameters(), weight));
        put(name, isolation.combine(base.after(learnt()), chosen));
    }

    /**
     * Builds a task into the base for good and removes it from the registry.
     *
     * <p>The outputs of the merged base for some inputs must agree with those of the task: {@code
     * |merged - task| ≤ tolerance · (1 + |task|)} for each value. Otherwise the base is put back as
     * it was, bit for bit.
     *
     * @param inputs a batch of samples, on the model's device
     * @throws EngramException if they do not agree, if the method cannot merge, or if other tasks
     *     are loaded, whose base would change under them
     */
    public synchronized void merge(String name, NDList inputs, double tolerance) {
        LoadedTask task = task(name);
        if (tasks.size() > 1) {
            throw new EngramException(
                    "Merging \"%s\" would change the base of the other tasks %s: unload them first"
                            .formatted(name, tasks()));
        }
        new Merge(untouched(), manager).run(task, handle(name), base(), inputs, tolerance);
        isolation.uninstall(base);
        unload(name);
    }

    /** Takes the registry's block off the model and frees all tasks. */
    @Override
    public void close() {
        release();
        isolation.close();
    }

    /** Closes everything but the isolation, which goes on with another registry. */
    synchronized void release() {
        uninstall();
        active = null;
        tasks.values().forEach(LoadedTask::unload);
        tasks = Map.of();
        manager.close();
    }

    /** Creates parameters for a task that is not loaded yet. */
    TaskParameters create(String name) {
        return isolation.create(base.after(learnt()), Task.named(name));
    }

    /** Takes a task in, in the place of one of the same name. */
    synchronized void put(String name, TaskParameters parameters) {
        LoadedTask old = tasks.get(name);
        LoadedTask fresh = new LoadedTask(name, parameters);
        Map<String, LoadedTask> all = new LinkedHashMap<>(tasks);
        all.put(name, fresh);
        tasks = all;
        if (old != null) {
            if (old.equals(active)) {
                active = fresh;
            }
            old.unload();
        }
    }

    NDManager manager() {
        return manager;
    }

    Base model() {
        return base;
    }

    /** Returns the base with its own values in its arrays, whatever task ran last. */
    Base untouched() {
        isolation.uninstall(base);
        return base;
    }

    NDList route(ForwardPass pass) {
        LoadedTask now = active;
        return now == null ? isolation.forwardBase(base, pass) : now.forward(pass);
    }

    private List<TaskParameters> learnt() {
        List<TaskParameters> learnt = new ArrayList<>();
        tasks.values().forEach(task -> learnt.add(task.parameters()));
        return learnt;
    }

    private LoadedTask task(String name) {
        LoadedTask task = tasks.get(name);
        if (task == null) {
            throw new EngramException(
                    "No task \"%s\" is loaded; there are %s".formatted(name, tasks.keySet()));
        }
        return task;
    }
}
