package dev.engram.tck;

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.Strategy;
import dev.engram.api.spi.StrategyProvider;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Makes {@link Anchored} guards; wrong in the way that it is told. */
public final class WrongProvider implements StrategyProvider {

    /** The ways to be wrong, by the rule that each breaks. */
    enum Fault {
        NONE,
        P1,
        P2,
        P3,
        P4,
        P5,
        P6,
        P7,
        /** The same guard for all listeners. */
        P7_SHARED,
        /** States version 0 of its state. */
        P7_VERSION,
        /** Has a setting of a key that the runtime adds, whose default that does not take. */
        P7_KEY,
        P8,
        P9,
        P9_SETTINGS,
        P9_ROLES,
        P9_NEEDS
    }

    private static final Setting<Integer> ROUNDS =
            Setting.integer("rounds", 1, 1, 10, "How often it is tried.");
    private static final Setting<Integer> ODD =
            Setting.integer("odd", 0, 1, 10, "A default that it does not accept.");

    private static final Setting<String> GAMMA =
            Setting.text("gamma", "slow", "text", "What the runtime's means by another word.");

    private static final Anchored SHARED = new Anchored(Anchored.Fault.NONE);

    static Fault fault = Fault.NONE;
    private static int asked;

    /** Creates it. */
    public WrongProvider() {}

    @Override
    public String id() {
        if (fault == Fault.P9) {
            return "tried-" + asked++;
        }
        return fault == Fault.P2 ? "Tried Strategy" : "tried";
    }

    @Override
    public String spiVersion() {
        return fault == Fault.P3 ? "0.0" : SpiVersion.CURRENT;
    }

    @Override
    public String description() {
        return fault == Fault.P4 ? "tba" : "Pulls all weights to where the last task left them.";
    }

    @Override
    public List<Setting<?>> settings() {
        if (fault == Fault.P9_SETTINGS) {
            return new ArrayList<>(List.of(ROUNDS));
        }
        if (fault == Fault.P7_KEY) {
            return List.of(ROUNDS, GAMMA);
        }
        return fault == Fault.P5 ? List.of(ROUNDS, ODD) : List.of(ROUNDS);
    }

    @Override
    public Set<String> needs() {
        if (fault == Fault.P9_NEEDS) {
            return new LinkedHashSet<>();
        }
        return fault == Fault.P6 ? Set.of("a-quiet-room") : Set.of();
    }

    @Override
    public Set<String> roles() {
        if (fault == Fault.P7_KEY) {
            return Set.of(Role.IMPORTANCE);
        }
        return fault == Fault.P9_ROLES ? new LinkedHashSet<>() : Set.of();
    }

    @Override
    public Strategy create(Settings settings) {
        boolean isOther = settings.get(ROUNDS) > 1;
        if (fault == Fault.P7 || (fault == Fault.P8 && isOther)) {
            throw new IllegalArgumentException("no");
        }
        if (fault == Fault.P7_KEY) {
            return Strategy.of(new ListeningSquares(ListeningSquares.Fault.NONE, "square"));
        }
        if (fault == Fault.P7_VERSION) {
            return Strategy.of(new Anchored(Anchored.Fault.G1_VERSION));
        }
        return Strategy.of(fault == Fault.P7_SHARED ? SHARED : new Anchored(Anchored.Fault.NONE));
    }
}
