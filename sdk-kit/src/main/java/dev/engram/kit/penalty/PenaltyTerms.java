package dev.engram.kit.penalty;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.kit.autograd.GradientProbe;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The penalty on what trains now: a term for each parameter that is remembered, and its effect. */
final class PenaltyTerms {

    private static final Logger LOG = LoggerFactory.getLogger(PenaltyTerms.class);

    private final String guard;
    private final PenaltyStrength strength;
    private List<PenaltyTerm> terms = List.of();
    private @Nullable NDManager manager;
    private @Nullable EffectProbe probe;
    private boolean isDue;
    private double offset;
    private double heldShare = 1;

    PenaltyTerms(String guard, PenaltyStrength strength) {
        this.guard = guard;
        this.strength = strength;
    }

    /**
     * Makes the terms, in place of those there were.
     *
     * @param unweighed names of parameters of which an estimator knew nothing
     */
    void hold(TrainingView training, AnchoredParameters anchored, Set<String> unweighed) {
        release();
        if (anchored.isEmpty()) {
            return;
        }
        NDManager owner = training.manager().newSubManager();
        owner.setName(guard + " terms");
        manager = owner;
        terms = terms(training, anchored, owner);
        probe = new EffectProbe(owner);
        offset = anchored.offset() * strength.lambda();
        Coverage covered = Coverage.of(training.parameters(), anchored, unweighed);
        covered.tellRest(guard, training.task().name());
        heldShare = covered.share();
        tellCapped();
    }

    private List<PenaltyTerm> terms(
            TrainingView training, AnchoredParameters anchored, NDManager owner) {
        List<PenaltyTerm> made = new ArrayList<>();
        for (LiveParameter parameter : training.parameters()) {
            if (anchored.isReplaced(parameter)) {
                LOG.warn(
                        "{}: {} is another parameter than in earlier tasks, of shape {}: nothing"
                                + " holds it",
                        guard,
                        parameter.name(),
                        parameter.value().getShape());
            } else if (anchored.holds(parameter)) {
                made.add(anchored.term(parameter, strength, owner));
            }
        }
        return made;
    }

    private void tellCapped() {
        double capped = terms.stream().mapToDouble(PenaltyTerm::cappedElements).sum();
        double all = terms.stream().mapToDouble(PenaltyTerm::elements).sum();
        if (capped > 0) {
            LOG.info(
                    "{}: {} % of the parameters are held as firmly as a learning rate of {} allows",
                    guard, Math.round(100 * capped / all), strength.maxLearningRate());
        }
    }

    /** Adds the penalty's gradient to that of a step. */
    void add(StepView step) {
        EffectProbe probed = probe;
        boolean measures = probed != null && (isDue || isProbed(step.step()));
        boolean renews = measures || step.step() % strength.renewEvery() == 0;
        for (PenaltyTerm term : terms) {
            NDArray pull = term.pull(renews);
            try (NDArray gradient = term.gradient()) {
                if (measures && probed != null) {
                    probed.add(pull, term);
                }
                gradient.addi(pull);
            }
        }
        if (measures && probed != null) {
            probed.finish();
            isDue = false;
        }
    }

    /** The next epoch may have no step that is probed, and has figures of its own nevertheless. */
    void beginEpoch() {
        isDue = true;
    }

    /** Forgets that an epoch's figures are due. */
    void beginTask() {
        isDue = false;
    }

    /** Returns the effect that was measured last, nothing if none was; waits for the device. */
    Optional<GuardEffect> effect() {
        if (probe == null) {
            return Optional.empty();
        }
        return terms.isEmpty()
                ? Optional.of(GuardEffect.of(0, 0, 0))
                : probe.read(offset, heldShare);
    }

    /** Frees them: they hold arrays of what is remembered. */
    void release() {
        terms = List.of();
        probe = null;
        if (manager != null) {
            manager.close();
            manager = null;
        }
    }

    /** Not the first, at which nothing has moved yet. */
    private static boolean isProbed(long step) {
        return step > 1 && GradientProbe.isDue(step);
    }
}
