package dev.engram.kit.calls;

import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.api.task.Task;
import java.util.List;
import java.util.Set;

/** A source as the guard calls it: what it throws tells which class of which jar failed where. */
final class PluggedSource implements ReplaySource {

    private static final PartMemory MEMORY = new PartMemory("source");

    private final ReplaySource plugin;
    private final Calls calls;
    private final boolean isStrategy;

    private PluggedSource(ReplaySource plugin, PluginPart part, boolean isStrategy) {
        this.plugin = plugin;
        this.calls = new Calls(part);
        this.isStrategy = isStrategy;
    }

    /** Returns one of the guard's own, with which it shares its memory. */
    static ReplaySource of(ReplaySource plugin) {
        return plugin instanceof PluggedSource
                ? plugin
                : new PluggedSource(plugin, PluginPart.driven("Replay source", plugin), false);
    }

    /** Returns one that is a strategy itself, with a share of its own in the guard's memory. */
    static ReplaySource of(ReplaySource plugin, PluginPart strategy) {
        return new PluggedSource(plugin, strategy, true);
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        calls.run("in onTaskBegin(...)", () -> plugin.onTaskBegin(training));
    }

    @Override
    public void observe(ObservedBatch batch) {
        calls.run("in observe(...)", () -> plugin.observe(batch));
    }

    @Override
    public boolean isOnline() {
        return calls.get("in isOnline()", plugin::isOnline);
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        calls.run("in onTaskEnd(...)", () -> plugin.onTaskEnd(task));
    }

    @Override
    public boolean protectsBase() {
        return calls.get("in protectsBase()", plugin::protectsBase);
    }

    @Override
    public void onBase(FinishedTask base) {
        calls.run("in onBase(...)", () -> plugin.onBase(base));
    }

    @Override
    public void onEpoch() {
        calls.run("in onEpoch()", plugin::onEpoch);
    }

    @Override
    public void continueWithout(Set<String> tasks) {
        calls.run("in continueWithout(...)", () -> plugin.continueWithout(tasks));
    }

    @Override
    public Set<String> tasks() {
        return calls.get("in tasks()", plugin::tasks);
    }

    @Override
    public long forget(Task task) {
        return calls.get("in forget(...)", () -> plugin.forget(task));
    }

    @Override
    public long available(Task unwanted) {
        return calls.get("in available(...)", () -> plugin.available(unwanted));
    }

    @Override
    public List<ReplayedBatch> draw(Task unwanted, int size, NDManager manager) {
        return calls.get("in draw(...)", () -> plugin.draw(unwanted, size, manager));
    }

    @Override
    public long erase(String subject) {
        return calls.get("in erase(...)", () -> plugin.erase(subject));
    }

    @Override
    public void compact() {
        calls.run("in compact()", plugin::compact);
    }

    @Override
    public int stateVersion() {
        return isStrategy ? 1 : version();
    }

    private int version() {
        return calls.part().requireVersion(calls.get("in stateVersion()", plugin::stateVersion));
    }

    @Override
    public void save(MemoryWriter memory) {
        MemoryWriter own = isStrategy ? MEMORY.writer(memory, version()) : memory;
        calls.run("in save(...)", () -> plugin.save(own));
    }

    @Override
    public void restore(MemoryReader memory) {
        if (isStrategy) {
            MEMORY.reader(memory, calls.part(), version()).ifPresent(this::restoreOwn);
        } else {
            restoreOwn(memory);
        }
    }

    private void restoreOwn(MemoryReader own) {
        calls.run("in restore(...)", () -> plugin.restore(own));
    }

    @Override
    public void close() {
        calls.run("in close()", plugin::close);
    }
}
