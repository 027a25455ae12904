package dev.engram.generativereplay.internal.samples;

import dev.engram.api.EngramException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A class of a finished task that has samples enough to be learnt.
 *
 * @param form of its samples
 * @param learnt the class
 */
public record Learnable(Form form, ClassOfTask learnt) {

    private static final Logger LOG = LoggerFactory.getLogger(Learnable.class);

    /**
     * Returns the classes of a task.
     *
     * @param least how many samples a class must have; others are left out, with a warning
     * @throws EngramException if none has so many
     */
    public static List<Learnable> of(String task, TaskRows rows, int least) {
        List<Learnable> all = new ArrayList<>();
        Map<List<Double>, Long> tooFew = new LinkedHashMap<>();
        for (Form form : rows.forms()) {
            rows.counts(form)
                    .forEach(
                            (label, count) -> {
                                if (count < least) {
                                    tooFew.put(label, count);
                                } else {
                                    all.add(
                                            new Learnable(
                                                    form, new ClassOfTask(task, label, count)));
                                }
                            });
        }
        say(task, least, tooFew, all.isEmpty());
        return all;
    }

    private static void say(String task, int least, Map<List<Double>, Long> tooFew, boolean isAll) {
        String message =
                "Generative replay keeps nothing of classes of task \"%s\" that have fewer than %d samples (class=samples: %s): what is drawn of a few would nearly be one of them. Keep more (optSampleCapacity), lower least-samples, or, where labels are amounts and no classes, take er with a store of its own"
                        .formatted(task, least, tooFew);
        if (isAll) {
            throw new EngramException(message);
        }
        if (!tooFew.isEmpty()) {
            LOG.warn(message);
        }
    }
}
