package dev.engram.djl;

import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Module;
import com.google.inject.util.Modules;
import dev.engram.api.EngramException;
import dev.engram.api.Stable;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.spi.Role;
import dev.engram.djl.discovery.StrategyCatalog;
import dev.engram.djl.internal.training.Guards;
import dev.engram.djl.isolation.IsolationGuard;
import dev.engram.djl.memory.MemoryDirectory;
import dev.engram.djl.privacy.Subjects;
import dev.engram.djl.wiring.EngramModule;
import dev.engram.djl.wiring.StrategyAssembly;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Builds a {@link ForgettingListener}. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class ForgettingListenerBuilder {

    private static final int DEFAULT_SAMPLE = 2000;

    private final Map<String, Map<String, ?>> strategies = new LinkedHashMap<>();
    private final List<ForgettingGuard> guards = new ArrayList<>();
    private final List<Module> modules = new ArrayList<>();
    private @Nullable Path memory;
    private int sampleCapacity = DEFAULT_SAMPLE;
    private long seed = 1;
    private Subjects subjects = batch -> List.of();

    ForgettingListenerBuilder() {}

    /** Adds a strategy by id, such as {@code ewc}, with its default settings. */
    public ForgettingListenerBuilder addStrategy(String id) {
        return addStrategy(id, Map.of());
    }

    /**
     * Adds a strategy by id with settings; those that rehearse act first, then the others in the
     * order in which they are added.
     *
     * @param settings values by key, as their own type or as text
     */
    public ForgettingListenerBuilder addStrategy(String id, Map<String, ?> settings) {
        if (strategies.putIfAbsent(id, Map.copyOf(settings)) != null) {
            throw new EngramException("Strategy \"" + id + "\" was added twice");
        }
        return this;
    }

    /**
     * Adds a guard that was built by hand; it acts as if it had been added after all strategies.
     *
     * <p>The listener closes it.
     */
    public ForgettingListenerBuilder addGuard(ForgettingGuard guard) {
        guards.add(guard);
        return this;
    }

    /**
     * Adds a way of isolating parameters that was built by hand; the listener closes it.
     *
     * @see ForgettingListener#tasks(ai.djl.Model)
     */
    public ForgettingListenerBuilder addIsolation(ParameterIsolation isolation) {
        return addGuard(new IsolationGuard(isolation));
    }

    /** Sets the memory directory, read now and written after each task; none unless set. */
    public ForgettingListenerBuilder optMemory(Path directory) {
        this.memory = directory;
        return this;
    }

    /**
     * Sets how many samples of a task are kept for its consolidation, 1 or more; 2,000 unless set.
     */
    public ForgettingListenerBuilder optSampleCapacity(int samples) {
        this.sampleCapacity = samples;
        return this;
    }

    /** Sets the seed of the choice of those samples; 1 unless set. */
    public ForgettingListenerBuilder optSeed(long seed) {
        this.seed = seed;
        return this;
    }

    /**
     * Sets what says whom samples are about, for {@link ForgettingListener#erase}; nobody unless
     * set.
     */
    public ForgettingListenerBuilder optSubjects(Subjects subjects) {
        this.subjects = subjects;
        return this;
    }

    /** Adds a Guice module that overrides bindings of {@link EngramModule}. */
    public ForgettingListenerBuilder addModule(Module module) {
        modules.add(module);
        return this;
    }

    /**
     * Builds the listener and reads its memory.
     *
     * @throws EngramException if a strategy is unknown, settings are wrong, strategies conflict, or
     *     the memory is damaged
     */
    public ForgettingListener build() {
        if (strategies.isEmpty() && guards.isEmpty()) {
            throw new EngramException(
                    "Nothing protects the model: add a strategy, such as \"ewc\"");
        }
        if (sampleCapacity < 1) {
            throw new EngramException("optSampleCapacity(" + sampleCapacity + "): keep at least 1");
        }
        if (memory != null && Files.exists(memory) && !Files.isDirectory(memory)) {
            throw new EngramException(
                    "optMemory(" + memory + "): that is a file; give a directory, existing or not");
        }
        Injector injector = Guice.createInjector(module());
        StrategyAssembly assembly = injector.getInstance(StrategyAssembly.class);
        List<ForgettingGuard> all = new ArrayList<>(assembly.guards(strategies));
        all.addAll(guards);
        requireOneRehearsal(all);
        Guards opened = new Guards(all);
        MemoryDirectory directory = memory == null ? null : new MemoryDirectory(memory);
        Remembered remembered =
                new Remembered(directory, injector.getInstance(Clock.class), opened.names());
        ListenerOptions options =
                new ListenerOptions(
                        sampleCapacity,
                        seed,
                        assembly.needs(strategies.keySet()),
                        all.stream().anyMatch(ForgettingListenerBuilder::rehearses),
                        all.stream().anyMatch(ForgettingGuard::needsSamples),
                        subjects,
                        isolation(all));
        return new ForgettingListener(opened, remembered, options);
    }

    /** Providers declare their conflicts; a guard built by hand is seen only here. */
    private static void requireOneRehearsal(List<ForgettingGuard> all) {
        List<String> rehearsing =
                all.stream()
                        .filter(ForgettingListenerBuilder::rehearses)
                        .map(ForgettingGuard::name)
                        .toList();
        if (rehearsing.size() > 1) {
            throw new EngramException(
                    "The guards "
                            + rehearsing
                            + " all rehearse, so each would train on top of the other's samples:"
                            + " keep one of them");
        }
    }

    private static Optional<IsolationGuard> isolation(List<ForgettingGuard> all) {
        List<IsolationGuard> found =
                all.stream()
                        .filter(IsolationGuard.class::isInstance)
                        .map(IsolationGuard.class::cast)
                        .toList();
        List<String> held =
                all.stream()
                        .filter(guard -> guard.roles().contains(Role.PENALTY))
                        .map(ForgettingGuard::name)
                        .toList();
        if (found.size() > 1) {
            throw new EngramException(
                    "%s each give a task parameters of its own: keep one of them"
                            .formatted(found.stream().map(ForgettingGuard::name).toList()));
        }
        if (!found.isEmpty() && !held.isEmpty()) {
            throw new EngramException(
                    "%s gives each task parameters of its own: nothing else may isolate, and there is nothing for %s to hold"
                            .formatted(found.get(0).name(), held));
        }
        return found.stream().findFirst();
    }

    private static boolean rehearses(ForgettingGuard guard) {
        return guard.roles().contains(Role.REHEARSAL);
    }

    private Module module() {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        ClassLoader loader = context == null ? getClass().getClassLoader() : context;
        return Modules.override(new EngramModule(StrategyCatalog.discover(loader))).with(modules);
    }
}
