package dev.engram.replay.store;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.api.Experimental;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Keeps samples under numbers and gives them back, bit for bit.
 *
 * <p>Whoever decides which samples stay is elsewhere: a store neither chooses nor counts. Used by
 * one thread at a time, which need not be the training thread. Messages name it by its {@code
 * toString()}. This type grows by default methods only.
 */
@Experimental(since = "0.1", implementedBy = "plug-ins")
public interface SampleStore extends AutoCloseable {

    /** Returns whether samples outlive the process here; otherwise the source saves them itself. */
    boolean isDurable();

    /**
     * Returns whether other processes may use the store while this one does; no unless said so.
     *
     * <p>Of a store that is this process's alone, what an earlier one did not finish is known to be
     * left over.
     */
    default boolean isShared() {
        return false;
    }

    /** Returns a number that no sample has, in this process or another that shares the store. */
    long nextId();

    /** Visits the keys of all stored samples, ascending by id. */
    void forEach(Consumer<SampleKey> visitor);

    /** Returns the state written with the last change, empty in a new store. */
    Optional<String> state();

    /**
     * Removes and adds samples and writes the state, atomically: after a crash either all of it is
     * there or nothing.
     */
    void apply(Change change);

    /**
     * Returns samples of one layout: the arrays of that layout in order, with their names, row
     * {@code i} of each being the sample {@code ids[i]}.
     *
     * @param ids numbers of stored samples, at least one; one may stand there several times
     * @param manager the manager that will own the arrays, on the device where they are wanted
     * @throws MissingSampleException if one is not there, because another process that shares the
     *     store has removed it
     */
    NDList read(long[] ids, NDManager manager);

    /**
     * Reads every sample and returns the numbers of those that cannot be read, none unless said so;
     * takes as long as to read them all. To read one of those says what is wrong with it.
     */
    default List<Long> damaged() {
        return List.of();
    }

    /** Sees to it that no byte of a removed sample is left in any file; may take long. */
    void purge();

    /** Frees what is held; samples in a durable store stay. */
    @Override
    void close();
}
