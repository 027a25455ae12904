package dev.engram.djl.tasks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import dev.engram.djl.internal.isolation.DetouredPass;
import dev.engram.kit.calls.Callback;
import dev.engram.kit.calls.Origin;
import dev.engram.kit.calls.PluginPart;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * An isolation as the runtime calls it: what it or its tasks throw tells whose it is and which call
 * failed; what the user's block throws, through which they compute, stays as it is.
 */
final class PluggedIsolation implements ParameterIsolation {

    private final ParameterIsolation plugin;
    private final String name;
    private final PluginPart part;

    private PluggedIsolation(ParameterIsolation plugin, Origin origin) {
        PluginPart nameless = PluginPart.isolation(plugin.getClass().getSimpleName(), origin);
        this.plugin = plugin;
        this.name = nameless.get("in name()", plugin::name);
        this.part = PluginPart.isolation(name, origin);
    }

    /** Returns one that was built by hand. */
    static PluggedIsolation of(ParameterIsolation isolation) {
        return isolation instanceof PluggedIsolation known
                ? known
                : new PluggedIsolation(isolation, Origin.of(isolation.getClass(), null));
    }

    /** Returns one that a provider made. */
    static PluggedIsolation made(ParameterIsolation isolation, Origin provider) {
        return new PluggedIsolation(isolation, provider);
    }

    /** Returns the method itself, for those who know it. */
    ParameterIsolation plugin() {
        return plugin;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public TaskParameters create(BaseModel base, Task task) {
        TaskParameters made = part.get("in create(...)", () -> plugin.create(base, task));
        part.get("in parameters() of a task", made::parameters);
        return made;
    }

    @Override
    public Map<String, String> settings() {
        return part.get("in settings()", plugin::settings);
    }

    @Override
    public int stateVersion() {
        return part.get("in stateVersion()", plugin::stateVersion);
    }

    @Override
    public Map<String, NDArray> restored(
            int stateVersion, Map<String, NDArray> tensors, NDManager manager) {
        return part.get("in restored(...)", () -> plugin.restored(stateVersion, tensors, manager));
    }

    @Override
    public TaskParameters combine(BaseModel base, Map<TaskParameters, Double> weights) {
        return part.get("in combine(...)", () -> plugin.combine(base, weights));
    }

    @Override
    public NDList forwardBase(BaseModel base, ForwardPass pass) {
        return part.around(
                "in forwardBase(...)", user -> plugin.forwardBase(base, heard(pass, user)));
    }

    @Override
    public <T> T withBase(BaseModel base, Supplier<T> work) {
        return part.around("in withBase(...)", user -> plugin.withBase(base, () -> user.get(work)));
    }

    @Override
    public void uninstall(BaseModel base) {
        part.run("in uninstall(...)", () -> plugin.uninstall(base));
    }

    @Override
    public void close() {
        part.run("in close()", plugin::close);
    }

    /** Runs a pass of one of its tasks. */
    NDList forward(TaskParameters task, ForwardPass pass) {
        return part.around("in forward(...) of a task", user -> task.forward(heard(pass, user)));
    }

    /** Returns the values that the base would have with one of its tasks built in. */
    Optional<Map<String, NDArray>> merged(TaskParameters task, NDManager manager) {
        return part.get("in merged(...) of a task", () -> task.merged(manager));
    }

    /** Lets one of its tasks free what it holds besides its parameters. */
    void close(TaskParameters task) {
        part.run("in close() of a task", task::close);
    }

    /** Returns a pass of which it is known what the user's blocks throw. */
    private static ForwardPass heard(ForwardPass pass, Callback user) {
        return new DetouredPass(
                pass, (block, store, inputs) -> user.get(() -> pass.through(block, store, inputs)));
    }
}
