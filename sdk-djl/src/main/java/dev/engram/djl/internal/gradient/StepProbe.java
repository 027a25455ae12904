package dev.engram.djl.internal.gradient;

import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.guard.LiveParameter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at what guards leave behind at a step: gradients that are not finite, and arrays.
 *
 * <p>At most steps only the last small gradient is looked at, at a few early ones and rarely later
 * all of them; off the CPU only at those, because it waits for the device.
 */
public final class StepProbe {

    private static final Logger LOG = LoggerFactory.getLogger(StepProbe.class);
    private static final long RARELY = 256;
    private static final int LEAKS = 6;

    private final NDManager manager;
    private final boolean isCheap;
    private final EndGradients ends = new EndGradients();
    private final Map<String, Integer> leaks = new HashMap<>();
    private boolean isWhole;
    private boolean isFinite;
    private boolean counts;
    private int arrays;
    private int atBegin;
    private @Nullable NDManager scratch;

    public StepProbe(NDManager manager) {
        this.manager = manager;
        this.isCheap = manager.getDevice().getDeviceType().equals("cpu");
    }

    /** Begins a step, before any guard edits its gradients; what is in scratch is no leak. */
    public void begin(long step, List<LiveParameter> parameters, NDManager scratch) {
        isWhole = step <= 4 || step % RARELY == 0 || Long.bitCount(step) == 1;
        isFinite = (isWhole || isCheap) && look(parameters);
        // A leak shows at each step, what is renewed now and then does not.
        counts = step > 4 && step <= 4 + LEAKS;
        this.scratch = scratch;
        forgetWhatIsFreed(counts ? arrays() : 0);
    }

    /** What a guard keeps for its next step goes then: the arrays are no more at each begin. */
    private void forgetWhatIsFreed(int now) {
        if (counts && atBegin > 0 && now <= atBegin) {
            leaks.clear();
        }
        atBegin = now;
    }

    /** Called just before a guard edits the gradients: what is there by now is not its own. */
    public void before() {
        arrays = counts ? arrays() : 0;
    }

    /**
     * Looks at what a guard left.
     *
     * @throws EngramException naming it, if it made a gradient infinite or not a number
     */
    public void after(String guard, long step, List<LiveParameter> parameters) {
        if (isFinite && !look(parameters)) {
            throw new EngramException(
                    "Guard \"%s\" made gradients that are not finite at step %d, such as that of %s: they were finite before it edited them, so it is not the data. The step is not taken; the weights are as they were. The likeliest: %s."
                            .formatted(
                                    guard,
                                    step,
                                    firstWild(parameters),
                                    Divergence.likeliestOf(guard)));
        }
        if (counts) {
            if (arrays() > arrays) {
                leaks.merge(guard, 1, Integer::sum);
            }
        }
    }

    private String firstWild(List<LiveParameter> parameters) {
        return parameters.stream()
                .filter(one -> !FiniteCheck.hasFiniteGradient(one, manager))
                .map(LiveParameter::name)
                .findFirst()
                .orElse("some parameter");
    }

    /** Says, once, which guards left arrays behind at each step that was looked at. */
    public void warnOfLeaks() {
        leaks.forEach(
                (guard, seen) -> {
                    if (seen == LEAKS) {
                        LOG.warn(
                                "Guard \"{}\" leaves an array behind at every step: memory will run"
                                        + " out. Close what it makes, or attach it to the step's"
                                        + " scratch().",
                                guard);
                    }
                });
        leaks.clear();
    }

    private boolean look(List<LiveParameter> parameters) {
        return isWhole
                ? parameters.stream().allMatch(one -> FiniteCheck.hasFiniteGradient(one, manager))
                : ends.isLastFinite(parameters);
    }

    /** Counts the arrays of the engine that outlive the step: a guard may leave them anywhere. */
    private int arrays() {
        NDManager top = manager;
        while (top.getParentManager() != null && top.getParentManager() != top) {
            top = top.getParentManager();
        }
        int passing = scratch == null ? 0 : scratch.getManagedArrays().size();
        return top.getManagedArrays().size() - passing;
    }
}
