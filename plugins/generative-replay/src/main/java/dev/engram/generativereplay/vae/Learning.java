package dev.engram.generativereplay.vae;

import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.FinishedTask;
import dev.engram.generativereplay.internal.mixture.Catalog;
import dev.engram.generativereplay.internal.network.LearntValues;
import dev.engram.generativereplay.internal.samples.Learnable;
import dev.engram.generativereplay.internal.samples.TaskRows;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How a generator that makes samples of some tasks becomes one that makes those of another, too.
 *
 * @param shape what its decoder is like
 * @param training how it is trained
 * @param sight what its encoder is given
 * @param mixture how the codes of a class are kept
 */
record Learning(Architecture shape, Training training, Sight sight, CodeMixture mixture) {

    /**
     * Returns the generator; the one before stays.
     *
     * @param owner of what is returned
     */
    Generator of(
            FinishedTask task,
            List<Learnable> classes,
            TaskRows samples,
            @Nullable Generator before,
            NDManager owner,
            SplittableRandom random) {
        // One that was written down keeps the units that are closed.
        Architecture same = before == null ? shape : before.shape();
        NDManager next = Generator.named(owner);
        try (NDManager call = task.scratch().newSubManager()) {
            Lesson lesson = Lesson.of(task, classes, samples, same, sight, call);
            Autoencoder pupil = pupil(lesson, before, random, next, call);
            Recall recall = before == null ? null : new Recall(before);
            training.run(pupil, lesson, recall, task, random, call);
            return next(same, pupil, lesson, before, random, next, call);
        } catch (RuntimeException e) {
            next.close();
            throw e;
        }
    }

    private Autoencoder pupil(
            Lesson lesson,
            @Nullable Generator before,
            SplittableRandom random,
            NDManager next,
            NDManager call) {
        LearntValues made = before == null ? new LearntValues(next) : before.values().copy(next);
        Autoencoder pupil =
                new Autoencoder(
                        sight.encoder(shape, lesson.form(), lesson.seen()),
                        shape.decoder(lesson.form()),
                        shape.latent(),
                        made,
                        new LearntValues(call));
        if (before == null) {
            pupil.decoder().begin(made, random);
        }
        pupil.begin(lesson.classes().size(), training.hasClassPrior(), random);
        return pupil;
    }

    private Generator next(
            Architecture same,
            Autoencoder pupil,
            Lesson lesson,
            @Nullable Generator before,
            SplittableRandom random,
            NDManager next,
            NDManager call) {
        List<Catalog> codes = new ArrayList<>();
        Frames frames = lesson.frames();
        if (before != null) {
            codes.add(before.codes().only(before.places(), next));
            frames = before.frames().with(frames, call);
        }
        IntStream.range(0, lesson.classes().size())
                .forEach(i -> codes.add(mixture.of(pupil, lesson, i, next, random)));
        return Generator.of(
                same,
                lesson.form(),
                Catalog.joined(codes, next),
                frames.copy(next),
                pupil.made(),
                next);
    }
}
