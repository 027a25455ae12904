package dev.engram.djl.penalty;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.spi.Role;
import dev.engram.djl.calls.PluginCalls;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Holds each parameter near its anchor, the more firmly the more earlier tasks need it.
 *
 * <p>Adds the gradient of {@code λ/2 Σ Ω (θ - θ*)²} to the batch's in closed form, three operations
 * a parameter, where {@code Ω} is what an {@link ImportanceEstimator} found and {@code θ*} the
 * weights when it did. Any number of tasks costs the same: a sum of quadratics is one quadratic,
 * whose anchor is the importance-weighted mean of theirs ({@link Merging#SUM}: one term a task,
 * Kirkpatrick et al. 2017, equation 3), and the online form keeps the newest anchor and decays the
 * importance ({@link Merging#ONLINE}: Schwarz et al. 2018, section 4; Huszár 2018).
 *
 * <p>The pull {@code λΩ (θ - θ*)} is computed at every {@code renewEvery}-th step and added at
 * every one: two of the three operations are saved in between, and what is added is late by at most
 * {@code renewEvery - 1} steps.
 *
 * <p>{@code λΩ} is capped at {@code 1 / (maxLearningRate renewEvery)}, element by element. Gradient
 * descent with a learning rate up to that one then never steps past the anchor, so every finite λ
 * stays finite; below the cap the penalty is exact.
 *
 * <p>Called by the listener on the training thread. Its arrays live in the guard's own manager.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class QuadraticPenaltyGuard implements ForgettingGuard {

    private static final Logger LOG = LoggerFactory.getLogger(QuadraticPenaltyGuard.class);
    private static final long PROBE_EVERY = 64;
    private static final double BEYOND_ANY = 1e30;

    private final String name;
    private final ImportanceEstimator importance;
    private final PenaltyStrength strength;
    private final Merging merging;
    private final double decay;
    private final Scale scale;
    private final double baseLambda;

    private AnchoredParameters anchored = new AnchoredParameters();
    private List<PenaltyTerm> terms = List.of();
    private @Nullable NDManager termManager;
    private @Nullable EffectProbe probe;
    private @Nullable GuardEffect effect;
    private boolean isDue;
    private @Nullable AnchoredParameters prepared;
    private double heldShare = 1;
    private final Set<String> unweighed = new TreeSet<>();

    QuadraticPenaltyGuard(QuadraticPenaltyGuardBuilder builder, ImportanceEstimator importance) {
        this.name = builder.name;
        this.importance = PluginCalls.to(importance);
        this.strength =
                new PenaltyStrength(builder.lambda, builder.maxLearningRate, builder.renewEvery);
        this.merging = builder.merging;
        this.decay = builder.decay;
        this.scale = builder.scale;
        this.baseLambda = builder.baseLambda;
    }

    /** Returns a builder. */
    public static QuadraticPenaltyGuardBuilder builder() {
        return new QuadraticPenaltyGuardBuilder();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Set<String> roles() {
        return Set.of(Role.PENALTY);
    }

    @Override
    public boolean needsSamples() {
        return importance.needsSamples();
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        importance.onTaskBegin(training);
        discard();
        effect = null;
        isDue = false;
        hold(training);
    }

    @Override
    public void onParametersChanged(TrainingView training) {
        importance.onParametersChanged(training);
        hold(training);
    }

    /** Makes a term for each parameter that trains now and is remembered. */
    private void hold(TrainingView training) {
        releaseTerms();
        if (anchored.isEmpty()) {
            return;
        }
        NDManager manager = training.manager().newSubManager();
        manager.setName(name + " terms");
        termManager = manager;
        terms = new ArrayList<>();
        for (LiveParameter parameter : training.parameters()) {
            if (anchored.isReplaced(parameter)) {
                LOG.warn(
                        "{}: {} is another parameter than in earlier tasks, of shape {}: nothing"
                                + " holds it",
                        name,
                        parameter.name(),
                        parameter.value().getShape());
            } else if (anchored.holds(parameter)) {
                terms.add(anchored.term(parameter, strength, manager));
            }
        }
        probe = new EffectProbe(manager);
        Coverage covered = Coverage.of(training.parameters(), anchored, unweighed);
        covered.tellRest(name, training.task().name());
        heldShare = covered.share();
        tellCapped();
    }

    private void tellCapped() {
        double capped = terms.stream().mapToDouble(PenaltyTerm::cappedElements).sum();
        double all = terms.stream().mapToDouble(PenaltyTerm::elements).sum();
        if (capped > 0) {
            LOG.info(
                    "{}: {} % of the parameters are held as firmly as a learning rate of {} allows",
                    name, Math.round(100 * capped / all), strength.maxLearningRate());
        }
    }

    @Override
    public void onGradient(StepView step) {
        importance.onBackward(step);
    }

    @Override
    public void onBackward(StepView step) {
        boolean measure = probe != null && (isDue || isProbed(step.step()));
        boolean renew = measure || step.step() % strength.renewEvery() == 0;
        for (PenaltyTerm term : terms) {
            NDArray pull = term.pull(renew);
            try (NDArray gradient = term.gradient()) {
                if (measure && probe != null) {
                    probe.add(gradient, pull, term);
                }
                gradient.addi(pull);
            }
        }
        if (measure && probe != null) {
            probe.finish();
            isDue = false;
        }
    }

    @Override
    public void onStep(TrainingView training) {
        importance.onStep(training);
    }

    @Override
    public void onEpoch(TrainingView training) {
        importance.onEpoch(training);
        measure();
        // The next epoch may have no step that is probed, and has figures of its own nevertheless.
        isDue = true;
    }

    private void measure() {
        if (probe != null && terms.isEmpty()) {
            effect = GuardEffect.of(0, 0, 0);
        } else if (probe != null) {
            effect = probe.read(anchored.offset() * strength.lambda(), heldShare).orElse(effect);
        }
    }

    @Override
    public void prepareTaskEnd(FinishedTask task) {
        if (effect == null) {
            measure();
        }
        discard();
        Map<String, NDArray> found = new HashMap<>(importance.estimate(task));
        ImportanceCheck.check(name, task, found);
        scale.apply(task.parameters(), found, task.scratch());
        prepared = merge(task, found);
    }

    /** Parameters that were there, and of which an estimator knows nothing, are told of later. */
    private void noteUnweighed(FinishedTask task) {
        task.parameters().forEach(parameter -> unweighed.add(parameter.name()));
        unweighed.removeIf(anchored::knows);
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        if (prepared == null) {
            prepareTaskEnd(task);
        }
        commit();
        noteUnweighed(task);
    }

    @Override
    public void onTaskAborted(TrainingView training) {
        discard();
    }

    @Override
    public void onAnchor(TrainingView training) {
        try (NDManager scratch = training.manager().newSubManager()) {
            Map<String, NDArray> uniform = new HashMap<>();
            for (LiveParameter parameter : training.parameters()) {
                NDArray ones = parameter.value().onesLike();
                ones.attach(scratch);
                uniform.put(parameter.name(), ones);
            }
            prepared = merge(training, uniform);
            commit();
        }
    }

    @Override
    public boolean protectsBase() {
        return true;
    }

    /** Whatever weighs the tasks of its own, a base is weighed by its outputs, without labels. */
    @Override
    public void onBase(FinishedTask base) {
        Map<String, NDArray> found = BaseImportance.of(base);
        ImportanceCheck.check(name, base, found);
        // λ multiplies what is remembered, and was chosen for importance of another kind.
        double share = strength.lambda() == 0 ? 0 : baseLambda / strength.lambda();
        double finite = Math.min(share, BEYOND_ANY);
        found.values().forEach(importance -> importance.muli(finite));
        prepared = merge(base, found);
        commit();
    }

    @Override
    public Optional<GuardEffect> effect() {
        return Optional.ofNullable(effect);
    }

    @Override
    public void save(MemoryWriter memory) {
        memory.text("scale", scale.name());
        memory.text("merging", merging.name());
        memory.text("unweighed", String.join("\n", unweighed));
        anchored.save(memory);
    }

    @Override
    public void restore(MemoryReader memory) {
        requireSame("scale", memory.text("scale"), scale.name());
        requireSame("merging", memory.text("merging"), merging.name());
        anchored = AnchoredParameters.restore(memory);
        memory.text("unweighed").stream().flatMap(String::lines).forEach(unweighed::add);
    }

    @Override
    public void close() {
        importance.close();
    }

    private AnchoredParameters merge(TrainingView view, Map<String, NDArray> found) {
        return merging == Merging.ONLINE
                ? anchored.decayed(view, found, decay)
                : anchored.summed(view, found);
    }

    /** What was prepared becomes the memory; the terms hold arrays of the one before. */
    private void commit() {
        if (prepared != null) {
            releaseTerms();
            anchored.close();
            anchored = prepared;
            prepared = null;
        }
    }

    private void discard() {
        if (prepared != null) {
            prepared.close();
            prepared = null;
        }
    }

    private void releaseTerms() {
        terms = List.of();
        probe = null;
        if (termManager != null) {
            termManager.close();
            termManager = null;
        }
    }

    /** Early steps often, later ones rarely: a probe costs four more passes over the parameters. */
    private static boolean isProbed(long step) {
        return step > 1 && (Long.bitCount(step) == 1 || step % PROBE_EVERY == 0);
    }

    private void requireSame(String what, Optional<String> stored, String wanted) {
        if (stored.isPresent() && !stored.get().equals(wanted)) {
            throw new EngramException(
                    "The memory of guard \"%s\" was made with %s %s, but %s is set: set %s = %s, or use"
                                    .formatted(name, what, stored.get(), wanted, what, stored.get())
                            + " another memory directory");
        }
    }
}
