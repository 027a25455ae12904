package dev.engram.gradientprojection;

import dev.engram.api.Experimental;
import dev.engram.api.InvalidOptionException;
import java.util.function.DoubleFunction;

/** Builds a {@link GradientProjection}. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class GradientProjectionBuilder {

    private final String kind;
    private final String option;
    private final double value;
    private final DoubleFunction<ProjectionRule> rule;
    private String name;
    private int every = 8;
    private InputsFrom inputs = InputsFrom.AUTO;

    GradientProjectionBuilder(
            String kind, String option, double value, DoubleFunction<ProjectionRule> rule) {
        this.kind = kind;
        this.name = kind;
        this.option = option;
        this.value = value;
        this.rule = rule;
    }

    /** Sets after how many steps their updates are projected together; 8 unless set. */
    public GradientProjectionBuilder optEvery(int every) {
        this.every = every;
        return this;
    }

    /** Sets where inputs are known from; {@link InputsFrom#AUTO} unless set. */
    public GradientProjectionBuilder optInputs(InputsFrom inputs) {
        this.inputs = inputs;
        return this;
    }

    /** Sets the name of its memory; {@code owm}, {@code gpm} or {@code nscl} unless set. */
    public GradientProjectionBuilder optName(String name) {
        this.name = name;
        return this;
    }

    String name() {
        return name;
    }

    int every() {
        return every;
    }

    InputsFrom inputs() {
        return inputs;
    }

    /**
     * Builds it.
     *
     * @throws InvalidOptionException if an option is out of its bounds
     */
    public GradientProjection build() {
        double most = kind.equals("gpm") ? 1 : Double.MAX_VALUE;
        if (!(value > 0 && value <= most)) {
            throw new InvalidOptionException(
                    "%s(%s): give a %s above 0%s"
                            .formatted(kind, value, option, most == 1 ? ", at most 1" : ""));
        }
        if (every < 1) {
            throw new InvalidOptionException("optEvery(" + every + "): give 1 or more");
        }
        return GradientProjection.of(this, rule.apply(value));
    }
}
