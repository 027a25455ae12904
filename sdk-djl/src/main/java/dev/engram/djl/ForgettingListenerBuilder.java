package dev.engram.djl;

import com.google.inject.CreationException;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Module;
import com.google.inject.util.Modules;
import dev.engram.api.EngramException;
import dev.engram.api.Stable;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.discovery.StrategyCatalog;
import dev.engram.djl.internal.argument.Given;
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
import dev.engram.kit.rows.Subjects;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds a {@link ForgettingListener}. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class ForgettingListenerBuilder {

    private static final Logger LOG = LoggerFactory.getLogger(ForgettingListenerBuilder.class);
    private static final int DEFAULT_SAMPLE = 2000;

    private final Map<String, Map<String, ?>> strategies = new LinkedHashMap<>();
    private final List<ForgettingGuard> guards = new ArrayList<>();
    private final List<StrategyProvider> providers = new ArrayList<>();
    private final List<Module> modules = new ArrayList<>();
    private @Nullable Path memory;
    private int sampleCapacity = DEFAULT_SAMPLE;
    private long seed = 1;
    private Subjects subjects = batch -> List.of();
    private @Nullable ClassLoader loader;
    private int accumulation;
    private Base base = Base.WARN;
    private double baseStrength = 1;

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
        Given.require(id, "addStrategy", "\"ewc\"");
        Given.require(settings, "addStrategy", "the map of settings", "Map.of() for the defaults");
        settings.forEach(
                (key, value) -> {
                    Given.require(key, "addStrategy", "a setting's key", "its name");
                    Given.require(
                            value, "addStrategy", "setting " + key, "a value, or leave it out");
                });
        if (strategies.putIfAbsent(id, Map.copyOf(settings)) != null) {
            throw new EngramException("Strategy \"" + id + "\" was added twice");
        }
        return this;
    }

    /**
     * Makes a strategy known that no {@code META-INF/services} names; {@link #addStrategy(String)}
     * then takes it by its id.
     */
    public ForgettingListenerBuilder addProvider(StrategyProvider provider) {
        providers.add(Given.require(provider, "addProvider", "a provider that you built"));
        return this;
    }

    /**
     * Adds a guard that was built by hand; it acts as if it had been added after all strategies.
     *
     * <p>The listener closes it.
     */
    public ForgettingListenerBuilder addGuard(ForgettingGuard guard) {
        guards.add(Given.require(guard, "addGuard", "a guard that you built"));
        return this;
    }

    /**
     * Adds a way of isolating parameters that was built by hand; the listener closes it.
     *
     * @see ForgettingListener#tasks(ai.djl.Model)
     */
    public ForgettingListenerBuilder addIsolation(ParameterIsolation isolation) {
        return addGuard(
                new IsolationGuard(Given.require(isolation, "addIsolation", "one that you built")));
    }

    /** Sets the memory directory, read now and written after each task; none unless set. */
    public ForgettingListenerBuilder optMemory(Path directory) {
        this.memory = Given.require(directory, "optMemory", "Path.of(\"memory\")");
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
        Subjects given = Given.require(subjects, "optSubjects", "batch -> List.of()");
        this.subjects =
                batch ->
                        Given.require(
                                given.of(batch),
                                "optSubjects",
                                "the list that it returned for a batch",
                                "an empty one where nobody is known");
        return this;
    }

    /**
     * Sets what is done about a model that has values of which the memory knows nothing; the
     * listener says that they are not protected unless set.
     */
    public ForgettingListenerBuilder optBase(Base base) {
        this.base = Given.require(base, "optBase", "Base.PROTECT");
        return this;
    }

    /**
     * Sets how firmly {@link Base#PROTECT} holds what the base answers: the factor of what it adds
     * to the gradient, above 0 up to 100; 1 unless set.
     *
     * <p>At 1 that is at most as long as the loop's own gradient. More keeps more of the base, and
     * the new task is learnt more slowly and less well; less lets it be learnt better, and more of
     * the base goes. {@code docs/pretrained-models.md} has figures.
     */
    public ForgettingListenerBuilder optBaseStrength(double strength) {
        this.baseStrength = strength;
        return this;
    }

    /**
     * Sets the class loader that sees the plug-ins; the thread's context class loader unless set.
     * Those that Engram's own class loader sees are found in either case.
     */
    public ForgettingListenerBuilder optClassLoader(ClassLoader loader) {
        this.loader = Given.require(loader, "optClassLoader", "Plugin.class.getClassLoader()");
        return this;
    }

    /**
     * Sets how many batches make one step of the optimizer, where the loop updates the weights past
     * {@code trainer.step()}. Steps of the trainer are heard of by themselves, however many batches
     * they take.
     */
    public ForgettingListenerBuilder optAccumulation(int batches) {
        this.accumulation = batches;
        return this;
    }

    /** Adds a Guice module that overrides bindings of {@link EngramModule}. */
    public ForgettingListenerBuilder addModule(Module module) {
        modules.add(Given.require(module, "addModule", "a Guice module"));
        return this;
    }

    /**
     * Checks everything that can be told before a strategy is created or the memory is read.
     *
     * @throws EngramException if {@link #build} is sure to fail, with all reasons at once
     */
    public void check() {
        Problems problems = optionProblems();
        assembly(injector()).check(strategies, problems);
        problems.raise();
    }

    /**
     * Builds the listener and reads its memory.
     *
     * @throws EngramException if options are out of bounds, a strategy is unknown, settings are
     *     wrong, strategies conflict (all of these are told at once), two guards have one name, or
     *     the memory is damaged
     */
    public ForgettingListener build() {
        Injector injector = injector();
        StrategyAssembly assembly = assembly(injector);
        List<NamedGuard> made = assembly.guards(strategies, optionProblems());
        try {
            List<NamedGuard> all = new ArrayList<>(made);
            guards.forEach(guard -> all.add(NamedGuard.byHand(guard, written(guard))));
            return listener(all, assembly.needs(strategies), injector);
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
        Problems problems = OptionBounds.problems(sampleCapacity, accumulation, memory);
        problems.require(
                !strategies.isEmpty() || !guards.isEmpty(),
                "Nothing protects the model: add a strategy, such as \"ewc\"");
        OptionBounds.requireStrength(baseStrength, base, memory, problems);
        return problems;
    }

    private ForgettingListener listener(
            List<NamedGuard> all, Set<String> needs, Injector injector) {
        MemoryDirectory directory = memory == null ? null : new MemoryDirectory(memory);
        Optional<Generation> latest = directory == null ? Optional.empty() : directory.latest();
        Optional<IsolationGuard> isolation = ListenerRules.isolation(all);
        BaseOutputs outputs = new BaseOutputs(baseStrength);
        boolean wasProtected =
                latest.filter(found -> found.guards().contains(BaseOutputs.NAME)).isPresent();
        if (wasProtected || (base == Base.PROTECT && isolation.isEmpty())) {
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
                        sampleCapacity,
                        seed,
                        needs,
                        all.stream().anyMatch(NamedGuard::rehearses),
                        all.stream().anyMatch(NamedGuard::needsSamples),
                        subjects,
                        accumulation,
                        base,
                        outputs,
                        isolation);
        if (memory == null && options.isolation().isPresent()) {
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
        ClassLoader first = loader == null ? context : loader;
        if (first != null) {
            seen.add(first);
        }
        seen.add(getClass().getClassLoader());
        return Modules.override(new EngramModule(StrategyCatalog.discover(providers, seen)))
                .with(modules);
    }
}
