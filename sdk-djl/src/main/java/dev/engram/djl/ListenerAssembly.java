package dev.engram.djl;

import com.google.inject.CreationException;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Module;
import com.google.inject.util.Modules;
import dev.engram.api.EngramException;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.djl.discovery.StrategyCatalog;
import dev.engram.djl.internal.base.BaseOutputs;
import dev.engram.djl.internal.guards.Guards;
import dev.engram.djl.internal.history.TaskHistory;
import dev.engram.djl.internal.memory.Generation;
import dev.engram.djl.internal.memory.MemoryDirectory;
import dev.engram.djl.internal.plugin.NamedGuard;
import dev.engram.djl.internal.plugin.Problems;
import dev.engram.djl.internal.wiring.StrategyAssembly;
import dev.engram.djl.tasks.IsolationGuard;
import dev.engram.djl.wiring.EngramModule;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the listener that a builder describes: its strategies, its memory, what runs it. */
final class ListenerAssembly {

    private static final Logger LOG = LoggerFactory.getLogger(ListenerAssembly.class);

    private final ForgettingListener.Builder from;

    ListenerAssembly(ForgettingListener.Builder from) {
        this.from = from;
    }

    void check() {
        Problems problems = optionProblems();
        assembly(injector()).check(from.strategies, problems);
        problems.raise();
    }

    ForgettingListener build() {
        Injector injector = injector();
        StrategyAssembly assembly = assembly(injector);
        List<NamedGuard> made = assembly.guards(from.strategies, optionProblems());
        try {
            List<NamedGuard> all = new ArrayList<>(made);
            from.guards.forEach(guard -> all.add(NamedGuard.byHand(guard, written(guard))));
            return listener(all, assembly.needs(from.strategies), injector);
        } catch (RuntimeException e) {
            // Those that were built by hand are still their maker's.
            throw StrategyAssembly.closing(made, e);
        }
    }

    /** Returns the class that somebody wrote, and not the guard of Engram's before it. */
    private static Class<?> written(ForgettingGuard guard) {
        return guard instanceof IsolationGuard isolating ? isolating.type() : guard.getClass();
    }

    private static StrategyAssembly assembly(Injector injector) {
        return injector.getInstance(StrategyAssembly.class);
    }

    private Problems optionProblems() {
        Problems problems =
                OptionBounds.problems(from.sampleCapacity, from.accumulation, from.memory);
        problems.require(
                !from.strategies.isEmpty() || !from.guards.isEmpty(),
                "Nothing protects the model: add a strategy, such as \"ewc\"");
        OptionBounds.requireStrength(from.baseStrength, from.base, from.memory, problems);
        return problems;
    }

    private ForgettingListener listener(
            List<NamedGuard> all, Set<String> needs, Injector injector) {
        MemoryDirectory directory = from.memory == null ? null : new MemoryDirectory(from.memory);
        Optional<Generation> latest = directory == null ? Optional.empty() : directory.latest();
        Optional<IsolationGuard> isolation = ListenerRules.isolation(all);
        BaseOutputs outputs = new BaseOutputs(from.baseStrength);
        boolean wasProtected =
                latest.filter(found -> found.guards().contains(BaseOutputs.NAME)).isPresent();
        if (wasProtected || (from.base == Base.PROTECT && isolation.isEmpty())) {
            all.add(NamedGuard.byHand(outputs));
        }
        NamedGuard.requireDistinct(all);
        ListenerRules.requireOneRehearsal(all);
        Guards opened = new Guards(all);
        TaskHistory history =
                new TaskHistory(
                        directory,
                        latest,
                        injector.getInstance(Clock.class),
                        opened.names(),
                        isolation.isPresent());
        ListenerOptions options =
                new ListenerOptions(
                        from.sampleCapacity,
                        from.seed,
                        needs,
                        all.stream().anyMatch(NamedGuard::rehearses),
                        all.stream().anyMatch(NamedGuard::needsSamples),
                        from.subjects,
                        from.accumulation,
                        from.base,
                        outputs,
                        isolation);
        if (from.memory == null && options.isolation().isPresent()) {
            LOG.warn(
                    "Tasks with parameters of their own are kept only while this listener is open:"
                            + " give it a directory (optMemory), or export or merge them before it"
                            + " closes.");
        }
        return new ForgettingListener(opened, history, options);
    }

    private Injector injector() {
        try {
            return Guice.createInjector(module());
        } catch (CreationException e) {
            throw new EngramException(
                    "addModule(...): the modules do not fit: " + e.getMessage(), e);
        }
    }

    private Module module() {
        List<ClassLoader> seen = new ArrayList<>();
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        ClassLoader first = from.loader == null ? context : from.loader;
        if (first != null) {
            seen.add(first);
        }
        seen.add(getClass().getClassLoader());
        return Modules.override(new EngramModule(StrategyCatalog.discover(from.providers, seen)))
                .with(from.modules);
    }
}
