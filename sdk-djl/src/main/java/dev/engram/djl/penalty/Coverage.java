package dev.engram.djl.penalty;

import dev.engram.api.guard.LiveParameter;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which of the parameters that train a memory is about.
 *
 * @param share of their elements that are held, 0 to 1
 * @param free the names of the others
 */
record Coverage(double share, List<String> free) {

    private static final Logger LOG = LoggerFactory.getLogger(Coverage.class);

    static Coverage of(List<LiveParameter> trained, AnchoredParameters anchored) {
        long all = 0;
        long held = 0;
        for (LiveParameter parameter : trained) {
            all += parameter.value().size();
            held += anchored.holds(parameter.name()) ? parameter.value().size() : 0;
        }
        List<String> free =
                trained.stream()
                        .map(LiveParameter::name)
                        .filter(name -> !anchored.holds(name))
                        .toList();
        return new Coverage(all == 0 ? 1 : (double) held / all, free);
    }

    /** Says loudly what moves as freely as without a guard. */
    void warnOfRest(String guard, String task) {
        if (!free.isEmpty()) {
            LOG.warn(
                    "Guard \"{}\" knows nothing of {} parameters that train in task \"{}\", such as"
                        + " {}: {} % of what trains is NOT held. They were frozen, or not there,"
                        + " when earlier tasks were learnt. Freeze them again, or call"
                        + " remember(model, dataset) with samples of an earlier task.",
                    guard, free.size(), task, free.get(0), Math.round(100 * (1 - share)));
        }
    }
}
