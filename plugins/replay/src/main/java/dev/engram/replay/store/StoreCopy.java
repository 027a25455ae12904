package dev.engram.replay.store;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Copies samples from one store into another: to seal them with another key, or to move them.
 *
 * <p>To change the key of a store, copy it into a new one, close both, and delete the old one with
 * its key. Nothing else may use either store meanwhile.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class StoreCopy {

    private static final int AT_ONCE = 256;

    private StoreCopy() {}

    /**
     * Copies everything, in the order of its age.
     *
     * @param manager owns the arrays on their way
     * @return how many samples were copied
     * @throws EngramException if the target holds samples
     */
    public static long all(SampleStore from, SampleStore to, NDManager manager) {
        to.forEach(
                key -> {
                    throw new EngramException(
                            "The store that samples are to be copied into holds some already, such as number %s of task \"%s\": give a new one"
                                    .formatted(key.id(), key.task()));
                });
        List<SampleKey> keys = new ArrayList<>();
        from.forEach(keys::add);
        String state = from.state().orElse("");
        for (int first = 0; first < keys.size(); first += AT_ONCE) {
            List<SampleKey> some = keys.subList(first, Math.min(keys.size(), first + AT_ONCE));
            byLayout(some).forEach((layout, part) -> copy(part, state, from, to, manager));
        }
        return keys.size();
    }

    private static Map<Layout, List<SampleKey>> byLayout(List<SampleKey> keys) {
        Map<Layout, List<SampleKey>> parts = new LinkedHashMap<>();
        keys.forEach(
                key -> parts.computeIfAbsent(key.layout(), name -> new ArrayList<>()).add(key));
        return parts;
    }

    private static void copy(
            List<SampleKey> keys,
            String state,
            SampleStore from,
            SampleStore to,
            NDManager manager) {
        try (NDManager scope = manager.newSubManager()) {
            NDList arrays = from.read(keys.stream().mapToLong(SampleKey::id).toArray(), scope);
            List<SampleKey> anew = keys.stream().map(key -> numbered(key, to.nextId())).toList();
            to.apply(Change.of(List.of(), anew, arrays, state));
        }
    }

    private static SampleKey numbered(SampleKey key, long id) {
        return SampleKey.of(
                id, key.task(), key.group(), key.tag(), key.subject(), key.born(), key.layout());
    }
}
