package dev.engram.sleep;

import dev.engram.api.Experimental;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What came of a sleep, or, of a dry run, would come of it. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class SleepReport {

    private final SleepOutcome outcome;
    private final String reason;
    private final List<ProbeResult> probes;
    private final List<String> tried;
    private final Set<String> settled;
    private final long steps;
    private final Duration took;
    private final boolean dry;

    private SleepReport(Draft draft, SleepOutcome outcome, String reason) {
        this.outcome = outcome;
        this.reason = reason;
        this.probes = List.copyOf(draft.probes);
        this.tried = List.copyOf(draft.tried);
        this.settled = Set.copyOf(draft.settled);
        this.steps = draft.steps;
        this.took = Duration.ofNanos(System.nanoTime() - draft.begin);
        this.dry = draft.dry;
    }

    /** Returns how it ended. */
    public SleepOutcome outcome() {
        return outcome;
    }

    /** Returns whether what was learnt was accepted; of a dry run, would be. */
    public boolean isAccepted() {
        return outcome == SleepOutcome.ACCEPTED;
    }

    /** Returns whether it was a dry run, after which the model is as it was in any case. */
    public boolean isDryRun() {
        return dry;
    }

    /** Returns why it ended so. */
    public String reason() {
        return reason;
    }

    /** Returns each probe before and after; none where nothing was learnt that could be judged. */
    public List<ProbeResult> probes() {
        return probes;
    }

    /** Returns a line about each teacher that was looked at, and what the student learnt. */
    public List<String> tried() {
        return tried;
    }

    /** Returns the names of the guards that took in anew what they keep about the weights. */
    public Set<String> settled() {
        return settled;
    }

    /** Returns how many steps the student learnt, those of an earlier sleep not counted. */
    public long steps() {
        return steps;
    }

    /** Returns how long it took. */
    public Duration took() {
        return took;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        text.append(dry ? "Sleep (dry run): " : "Sleep: ").append(outcome).append(": ");
        text.append(reason).append(" (").append(steps).append(" steps, ");
        text.append(took.toMillis()).append(" ms)");
        probes.forEach(probe -> text.append("\n  ").append(probe));
        tried.forEach(line -> text.append("\n  tried: ").append(line));
        return text.toString();
    }

    /** What is known of a sleep while it goes on. */
    static final class Draft {

        private final long begin = System.nanoTime();
        private final boolean dry;
        private List<ProbeResult> probes = List.of();
        private final List<String> tried = new ArrayList<>();
        private Set<String> settled = Set.of();
        private long steps;

        Draft(boolean dry) {
            this.dry = dry;
        }

        boolean isDry() {
            return dry;
        }

        void tried(String line) {
            tried.add(line);
        }

        void probes(List<ProbeResult> results) {
            probes = results;
        }

        void settled(Set<String> guards) {
            settled = guards;
        }

        void steps(long done) {
            steps = done;
        }

        SleepReport report(SleepOutcome outcome, String reason) {
            return new SleepReport(this, outcome, reason);
        }
    }
}
