package dev.engram.djl.tasks;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.Stable;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.djl.internal.argument.Given;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

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
@Stable(since = "0.1", implementedBy = "nobody")
public final class TaskRegistry implements AutoCloseable {

    private final PluggedIsolation isolation;
    private final IsolatedBase base;
    private final LoadedTasks loaded;
    private final RoutedModel routed;
    private volatile boolean isTraining;

    /**
     * Creates an empty registry.
     *
     * @param model with values in all its parameters
     * @param isolation makes the parameters of tasks; the registry closes it
     */
    public TaskRegistry(Model model, ParameterIsolation isolation) {
        Given.block(model, "new TaskRegistry");
        this.isolation =
                PluggedIsolation.of(
                        Given.require(
                                isolation,
                                "new TaskRegistry",
                                "the isolation",
                                "one that you built"));
        this.loaded = new LoadedTasks(this.isolation);
        this.base = new IsolatedBase(model, this.isolation, loaded::parameters);
        this.routed = new RoutedModel(model, base, loaded);
    }

    /**
     * Puts the registry's block before the model's own.
     *
     * @throws EngramException while a task trains, whose passes would miss its parameters
     */
    public void install() {
        requireOpen();
        requireIdle("install()");
        routed.install();
    }

    /** Gives the model its own block back, with the values of the base. */
    public void uninstall() {
        routed.uninstall();
    }

    /** Returns the names of the loaded tasks, in the order in which they came. */
    public List<String> tasks() {
        return loaded.names();
    }

    /** Returns the name of the active task, empty if the base is. */
    public String active() {
        LoadedTask now = loaded.active();
        return now == null ? "" : now.name();
    }

    /** Makes a task the one that forward passes of the model use from now on. */
    public synchronized void activate(String name) {
        loaded.activate(loaded.get(name));
    }

    /** Makes the base the one that forward passes use. */
    public synchronized void deactivate() {
        loaded.activate(null);
    }

    /** Returns a handle on a task, which does not change with the active one. */
    public TaskHandle handle(String name) {
        return routed.handle(name);
    }

    /** Returns a handle on the base. */
    public TaskHandle base() {
        return routed.base();
    }

    /**
     * Loads a task from its tensors; a task of that name is replaced, at once for new passes.
     *
     * @param tensors by the names that the method's task parameters have; they are copied
     * @throws EngramException if they do not fit, naming them all, or if a task of that name was
     *     learnt by this registry's listener, whose memory would lose it; nothing is changed then
     */
    public synchronized void load(String name, Map<String, NDArray> tensors) {
        requireFree(name);
        Given.require(tensors, "load", "the map of tensors", "one by name, as tensors(...) gives");
        loaded.put(name, base.filled(name, tensors, KnownRows.ALL));
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
        requireFree(name);
        Given.require(maker, "add", "the maker", "what makes the task's parameters");
        TaskParameters made = base.over(all -> maker.apply(isolation.plugin(), all));
        loaded.put(name, IsolatedBase.served(made));
    }

    /** Lets somebody read the base and the parameters of a task. */
    public synchronized <T> T read(String name, BiFunction<BaseModel, TaskParameters, T> reader) {
        Given.require(reader, "read", "the reader", "what reads the task");
        TaskParameters parameters = loaded.get(name).parameters();
        return base.over(all -> reader.apply(base.model(), parameters));
    }

    /** Returns copies of the tensors of a task, by name. */
    public synchronized Map<String, NDArray> tensors(String name, NDManager owner) {
        return loaded.get(name).tensors(owner);
    }

    /**
     * Removes a task; passes that run it end as they began.
     *
     * @throws EngramException while another task trains, if this one was learnt: it would be
     *     missing in the memory then
     */
    public synchronized void unload(String name) {
        if (loaded.isLearnt(name)) {
            requireIdle("unload(\"%s\")".formatted(name));
        }
        loaded.remove(name);
    }

    /**
     * Loads the weighted sum of tasks under a name of its own.
     *
     * <p>Summed in the order in which the tasks were loaded, whatever the map's.
     *
     * @param weights by task, finite
     * @throws EngramException if the method knows no such sum
     */
    public synchronized void combine(String name, Map<String, Double> weights) {
        requireFree(name);
        Map<TaskParameters, Double> chosen = TaskSum.of(weights, loaded);
        String call = "combine(\"%s\", ...)".formatted(name);
        weights.keySet().forEach(task -> loaded.get(task).requireWhole(call));
        loaded.put(name, base.combined(chosen));
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
        requireIdle("merge(\"%s\", ...)".formatted(name));
        Given.require(inputs, "merge", "the list of inputs", "a batch of samples");
        LoadedTask task = loaded.get(name);
        task.requireWhole("merge(\"%s\", ...)".formatted(name));
        if (tasks().size() > 1) {
            throw new EngramException(
                    "Merging \"%s\" would change the base of the other tasks %s: unload them first"
                            .formatted(name, tasks()));
        }
        base.run(
                () -> {
                    Merge merge = new Merge(base.model(), base.manager());
                    merge.run(task, handle(name), base(), inputs, tolerance);
                    base.untouched();
                });
        unload(name);
    }

    /** Takes the registry's block off the model and frees all tasks. */
    @Override
    public void close() {
        requireIdle("close()");
        release();
        isolation.close();
    }

    /** Closes everything but the isolation, which goes on with another registry. */
    synchronized void release() {
        uninstall();
        loaded.clear();
        base.close();
    }

    /** Takes in a task that the memory has, or will have: its name is taken from now on. */
    synchronized void keep(String name, TaskParameters parameters) {
        loaded.keep(name, parameters, KnownRows.ALL);
    }

    /**
     * Takes in a task from the memory.
     *
     * @param rows how many of their first rows it knows, of those of the base's parameters that
     *     have grown since, by path name
     */
    synchronized void keep(String name, Map<String, NDArray> tensors, Map<String, Long> rows) {
        KnownRows known = KnownRows.of(rows, base.model().parameters());
        loaded.keep(name, base.filled(name, tensors, known), known);
    }

    /** Returns how many rows a task knows of parameters that have grown since, by path name. */
    Map<String, Long> rows(String name) {
        return loaded.names().contains(name) ? loaded.get(name).rows().byPath() : Map.of();
    }

    /** Returns the tasks that the memory has, or will have, in order. */
    synchronized List<String> kept() {
        return loaded.kept();
    }

    /** Returns the tasks that were kept and are not loaded any more. */
    synchronized List<String> lost() {
        return loaded.lost();
    }

    /** Makes a task active again, or the base if it is gone. */
    synchronized void resume(String name) {
        loaded.activate(tasks().contains(name) ? loaded.get(name) : null);
    }

    /** Says that a task trains, or does no more. */
    void trains(boolean now) {
        isTraining = now;
    }

    private void requireOpen() {
        if (!base.isOpen()) {
            throw new EngramException(
                    "This registry is closed, or another model took its place: take the"
                            + " listener's tasks(model) anew");
        }
    }

    private void requireIdle(String call) {
        if (isTraining) {
            throw new EngramException(
                    call + " while a task trains would spoil it: close its trainer first");
        }
    }

    private void requireFree(String name) {
        requireOpen();
        loaded.requireFree(name);
    }

    /** Returns the base with its method. */
    IsolatedBase isolated() {
        return base;
    }

    NDList route(ForwardPass pass) {
        return routed.route(pass);
    }
}
