package dev.engram.replay.store;

import dev.engram.api.Experimental;

/**
 * What is known of a stored sample without reading its arrays.
 *
 * @param id its number in the store, from {@link SampleStore#nextId}
 * @param task the name of the task that it was observed in
 * @param group what is kept in balance: the task and, where there is one, the class label
 * @param tag a random number drawn when it was observed; lower ones stay longer in a reservoir
 * @param subject whom it is about, as a digest that does not tell the name; empty if unknown
 * @param born when it was observed, milliseconds since 1970
 * @param layout the types and shapes of its arrays
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public record SampleKey(
        long id, String task, String group, long tag, String subject, long born, Layout layout) {}
