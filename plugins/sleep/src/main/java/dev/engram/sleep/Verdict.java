package dev.engram.sleep;

import java.util.List;
import java.util.function.Predicate;

/** Whether what was learnt is accepted, and why. */
record Verdict(boolean isAccepted, String reason) {

    /** Decides: no probe fell, and at least one rose by more than the chance of any of them. */
    static Verdict of(List<ProbeResult> results, double significance, double margin) {
        List<String> fell = names(results, one -> one.fell(significance, margin));
        if (!fell.isEmpty()) {
            return new Verdict(false, "what was learnt does worse at " + fell);
        }
        // Of many probes one may seem to rise by chance (Bonferroni).
        double each = significance / results.size();
        List<String> rose = names(results, one -> one.rose(each));
        return rose.isEmpty()
                ? new Verdict(false, "no task does better by more than chance")
                : new Verdict(true, "better at " + rose + ", worse at none");
    }

    private static List<String> names(List<ProbeResult> results, Predicate<ProbeResult> which) {
        return results.stream().filter(which).map(ProbeResult::task).toList();
    }
}
