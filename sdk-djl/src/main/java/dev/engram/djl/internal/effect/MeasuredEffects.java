package dev.engram.djl.internal.effect;

import dev.engram.api.guard.GuardEffect;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What was measured last of each guard in the task at hand, and stays to be asked for. */
public final class MeasuredEffects {

    private final Map<String, Shares> last = new HashMap<>();
    private final Map<String, Shares> acting = new HashMap<>();

    /** Forgets the task before. */
    public void begin() {
        last.clear();
        acting.clear();
    }

    /** Takes in what was measured in an epoch, if anything was. */
    public void put(String guard, @Nullable Shares measured) {
        if (measured != null) {
            last.put(guard, measured);
            if (measured.isOfAnything()) {
                acting.put(guard, measured);
            }
        }
    }

    /** Returns a guard's effect: the penalty that it states, and the shares that were measured. */
    public Optional<GuardEffect> of(String guard, Optional<GuardEffect> stated) {
        return stated.map(
                effect -> {
                    Shares shares = last.get(guard);
                    return shares == null ? effect : shares(guard, shares, effect).over(effect);
                });
    }

    /** One that acts where it is called for, as A-GEM, may rest in an epoch, and says that. */
    private Shares shares(String guard, Shares measured, GuardEffect stated) {
        boolean rests = !measured.isOfAnything() && stated.gradientShare() > 0;
        return rests ? acting.getOrDefault(guard, measured) : measured;
    }
}
