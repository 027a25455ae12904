package dev.engram.generativereplay.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.task.Task;
import dev.engram.generativereplay.internal.mixture.Choice;
import dev.engram.generativereplay.internal.mixture.Drawn;
import dev.engram.generativereplay.internal.samples.ClassOfTask;
import dev.engram.generativereplay.internal.samples.Rows;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What a generator made of codes before it learns a task, so that it makes the same afterwards: the
 * codes of earlier classes stay what they were, and the decoder is held to what it made of them.
 */
final class Recall {

    /** Stands for none: no task has a name with a line break. */
    private static final Task NO_TASK = Task.named("no\ntask");

    private final Generator before;
    private final Choice choice;

    Recall(Generator before) {
        this.before = before;
        this.choice = new Choice(List.of(before.codes()), NO_TASK);
    }

    /** Returns of how many tasks it makes samples. */
    long tasks() {
        return before.classes().stream().map(ClassOfTask::task).distinct().count();
    }

    /** Returns how badly an autoencoder decodes some of the codes, recorded for autograd. */
    NDArray distance(Autoencoder pupil, int count, SplittableRandom random, NDManager call) {
        int[] components = choice.draw(count, random).getOrDefault(0, new int[0]);
        Drawn drawn = new Drawn(before.codes(), components, Generator.SPREAD, random);
        NDArray codes = drawn.amounts(call);
        int[] of = drawn.owners();
        return pupil.distance(
                codes,
                new Inputs.Wanted(
                        before.units(codes, of, call),
                        Rows.of(before.frames().logOdds(), of, call),
                        Rows.of(before.gates(), of, call)));
    }
}
