package dev.engram.metalearning;

import dev.engram.api.Experimental;
import java.util.List;

/** What {@link MetaTrainer} has learnt; the initialisation is in the model. To be closed. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class MetaOutcome implements AutoCloseable {

    private final List<MetaProgress> reports;
    private final boolean stoppedEarly;
    private final StepSizes sizes;

    MetaOutcome(List<MetaProgress> reports, boolean stoppedEarly, StepSizes sizes) {
        this.reports = List.copyOf(reports);
        this.stoppedEarly = stoppedEarly;
        this.sizes = sizes;
    }

    /** Returns the reports in their order. */
    public List<MetaProgress> reports() {
        return reports;
    }

    /** Returns whether it ended because nothing had become better for long enough. */
    public boolean stoppedEarly() {
        return stoppedEarly;
    }

    /**
     * Returns the step sizes, those of {@link MetaMethod#META_SGD}; {@link StepSizes#save} writes
     * them for {@code meta-sgd}. Other methods leave them as they began.
     */
    public StepSizes stepSizes() {
        return sizes;
    }

    /** Frees the step sizes. */
    @Override
    public void close() {
        sizes.close();
    }
}
