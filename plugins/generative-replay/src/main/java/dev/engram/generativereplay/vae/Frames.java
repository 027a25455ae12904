package dev.engram.generativereplay.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import dev.engram.generativereplay.internal.samples.ClassOfTask;
import dev.engram.generativereplay.internal.samples.Rows;
import dev.engram.generativereplay.internal.statistics.Range;
import dev.engram.kit.autograd.EngineMemory;
import java.util.List;

/**
 * Of each class what its samples have in common: the range of their numbers, which becomes 0 to 1,
 * and the log-odds of their mean, from which a decoder says the differences.
 *
 * @param logOdds float32, of each class a row
 * @param room float32, of each class a row: how far from the mean what is made may be; numbers that
 *     are the same in all samples are so in what is made
 * @param range float32, of each class the least number and how far they go
 */
record Frames(NDArray logOdds, NDArray room, NDArray range) {

    /** Beyond so many deviations lies nothing, but numbers that are mostly the same. */
    private static final float DEVIATIONS = 8;

    /** What the mean of numbers from 0 to 1 is away from both: log-odds stay finite. */
    private static final float MARGIN = 1e-3f;

    /**
     * Returns those of classes; waits for the device.
     *
     * @param samples of each class, one a row
     */
    static Frames of(List<ClassOfTask> classes, NDList samples, NDManager owner) {
        Frames all = of(classes.get(0), samples.get(0), owner);
        for (int i = 1; i < classes.size(); i++) {
            all = all.with(of(classes.get(i), samples.get(i), owner), owner);
        }
        return all;
    }

    private static Frames of(ClassOfTask learnt, NDArray rows, NDManager owner) {
        Range range =
                Range.of("class %s of task \"%s\"".formatted(learnt.label(), learnt.task()), rows);
        try (NDManager call = rows.getManager().newSubManager();
                NDArray own = EngineMemory.copy(rows, call)) {
            float[] ends = {range.least(), range.width()};
            NDArray units = own.sub(range.least()).div(range.width());
            NDArray seen = units.mean(new int[] {0}, true);
            NDArray room =
                    units.sub(seen).square().mean(new int[] {0}, true).sqrt().mul(DEVIATIONS);
            NDArray mean = seen.clip(MARGIN, 1 - MARGIN);
            NDArray logOdds = mean.div(mean.neg().add(1)).log();
            return new Frames(
                    EngineMemory.copy(logOdds, owner),
                    EngineMemory.copy(room, owner),
                    EngineMemory.copy(call.create(ends, new Shape(1, ends.length)), owner));
        }
    }

    /** Returns those of both; they stay. */
    Frames with(Frames more, NDManager owner) {
        try (NDArray joined = logOdds.concat(more.logOdds);
                NDArray rooms = room.concat(more.room);
                NDArray ranges = range.concat(more.range)) {
            return new Frames(joined, rooms, ranges).copy(owner);
        }
    }

    /** Returns copies that the manager owns. */
    Frames copy(NDManager owner) {
        return new Frames(
                EngineMemory.copy(logOdds, owner),
                EngineMemory.copy(room, owner),
                EngineMemory.copy(range, owner));
    }

    /** Returns those of some of the classes; these stay. */
    Frames only(int[] kept, NDManager owner) {
        return new Frames(
                Rows.of(logOdds, kept, owner),
                Rows.of(room, kept, owner),
                Rows.of(range, kept, owner));
    }

    /** Returns inputs as numbers from 0 to 1; the manager owns them. */
    NDArray units(NDArray rows, int[] of, NDManager call) {
        NDArray ends = Rows.of(range, of, call);
        NDArray units = rows.sub(ends.get(":,0:1")).div(ends.get(":,1:2")).clip(0, 1);
        units.attach(call);
        return units;
    }

    /**
     * Returns the numbers from 0 to 1 that have some log-odds, within the room of their class.
     *
     * @param apart by how much the log-odds differ from those of the mean of the class
     */
    NDArray made(NDArray apart, int[] of, NDManager call) {
        NDArray centre = Rows.of(logOdds, of, call);
        NDArray own = Rows.of(room, of, call);
        NDArray mean = Activation.sigmoid(centre);
        NDArray made =
                Activation.sigmoid(apart.add(centre)).maximum(mean.sub(own)).minimum(mean.add(own));
        made.attach(call);
        return made;
    }

    /** Returns numbers from 0 to 1 as the inputs that they stand for; the manager owns them. */
    NDArray amounts(NDArray units, int[] of, NDManager call) {
        NDArray ends = Rows.of(range, of, call);
        NDArray amounts = units.mul(ends.get(":,1:2")).add(ends.get(":,0:1"));
        amounts.attach(call);
        return amounts;
    }

    long bytes() {
        return Float.BYTES * (logOdds.size() + room.size() + range.size());
    }
}
