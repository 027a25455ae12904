package dev.engram.kit.penalty;

import dev.engram.api.guard.LiveParameter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which of the parameters that train a memory is about.
 *
 * @param share of their elements that are held, 0 to 1
 * @param fresh the names of those that were not there when earlier tasks were learnt
 * @param unknown the names of those that were, and of whose importance nothing is known
 */
record Coverage(double share, List<String> fresh, List<String> unknown) {

    private static final Logger LOG = LoggerFactory.getLogger(Coverage.class);

    /**
     * Looks at the parameters that train.
     *
     * @param unweighed names of parameters that were there, and were not weighed
     */
    static Coverage of(
            List<LiveParameter> trained, AnchoredParameters anchored, Set<String> unweighed) {
        long all = 0;
        long held = 0;
        List<String> free = new ArrayList<>();
        for (LiveParameter parameter : trained) {
            all += parameter.value().size();
            held += anchored.heldElements(parameter);
            if (!anchored.knows(parameter.name())) {
                free.add(parameter.name());
            }
        }
        return new Coverage(
                all == 0 ? 1 : (double) held / all,
                free.stream().filter(name -> !unweighed.contains(name)).toList(),
                free.stream().filter(unweighed::contains).toList());
    }

    /** Says what moves as freely as without a guard, loudly if earlier tasks may need it. */
    void tellRest(String guard, String task) {
        if (!fresh.isEmpty()) {
            LOG.info(
                    "{}: {} parameters of task \"{}\" are new, such as {}: they are free, and held"
                            + " from the next task on",
                    guard,
                    fresh.size(),
                    task,
                    fresh.get(0));
        }
        if (!unknown.isEmpty()) {
            LOG.warn(
                    "Guard \"{}\" knows nothing of {} parameters that train in task \"{}\", such as"
                        + " {}: they are NOT held, and {} % of what trains is. They were frozen"
                        + " while earlier tasks were learnt. Freeze them again, or use a strategy"
                        + " that weighs frozen parameters, too (ewc, ewc-online, mas).",
                    guard, unknown.size(), task, unknown.get(0), Math.round(100 * share));
        }
    }
}
