package dev.engram.djl;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.training.loss.Loss;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.replay.ReplayDriver;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.sleep.SleepingMemory;
import dev.engram.djl.internal.consolidation.Consolidator;
import dev.engram.djl.internal.guards.GuardSlot;
import dev.engram.djl.internal.guards.Guards;
import dev.engram.djl.internal.history.TaskHistory;
import dev.engram.djl.internal.parameters.LiveParameters;
import dev.engram.djl.internal.parameters.StoreAccess;
import dev.engram.djl.internal.sample.DrawnSamples;
import dev.engram.djl.memory.LearntTask;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A listener's memory while nothing trains. */
final class OpenMemory implements SleepingMemory {

    private final Guards guards;
    private final TaskHistory history;
    private final ListenerOptions options;
    private final Model model;

    OpenMemory(Guards guards, TaskHistory history, ListenerOptions options, Model model) {
        this.guards = guards;
        this.history = history;
        this.options = options;
        this.model = model;
    }

    @Override
    public List<String> tasks() {
        return history.tasks().stream().map(LearntTask::name).toList();
    }

    @Override
    public Optional<ReplaySource> source() {
        return guards.slots().stream()
                .map(GuardSlot::guard)
                .flatMap(guard -> source(guard).stream())
                .findFirst();
    }

    private static Optional<ReplaySource> source(ForgettingGuard guard) {
        return guard instanceof ReplayDriver driver
                ? Optional.of(driver.source())
                : Optional.empty();
    }

    @Override
    public void compact() {
        source().ifPresent(ReplaySource::compact);
    }

    @Override
    public Set<String> settle(Loss loss) {
        Block block = model.getBlock();
        NDManager models = model.getNDManager();
        Set<String> settled;
        try (NDManager manager = models.newSubManager();
                DrawnSamples drawn = new DrawnSamples(guards.manager(), options::newSample)) {
            source().ifPresent(source -> drawn.draw(source, options.sampleCapacity()));
            ParameterStore store = StoreAccess.plain(manager, models.getDevice());
            List<LiveParameter> live = LiveParameters.withFrozen(block, store, models.getDevice());
            try {
                settled =
                        new Consolidator(guards, block, store, live, loss)
                                .settle(drawn.of(tasks()));
            } finally {
                LiveParameters.release(live);
            }
        }
        history.settle(guards, block);
        return settled;
    }

    @Override
    public void close() {
        history.release();
    }
}
