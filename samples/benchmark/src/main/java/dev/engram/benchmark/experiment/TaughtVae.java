package dev.engram.benchmark.experiment;

import ai.djl.ndarray.NDList;
import dev.engram.djl.ForgettingListener;
import dev.engram.generativereplay.vae.VaeReplay;
import dev.engram.kit.rehearsal.Mixing;
import dev.engram.kit.rehearsal.RehearsalGuard;
import dev.engram.kit.rehearsal.Weighing;
import java.util.function.UnaryOperator;

/**
 * The strategy {@code vae} with another teacher than the model that trains, as users build it:
 * samples are held to what the teacher says of them, and those go that it takes for another class.
 */
final class TaughtVae {

    /** What the strategy is called on the command line. */
    static final String NAME = "vae-taught-by-ridge-head";

    private static final int ANSWERS = 20_000;
    private static final double SHARE = 0.333;
    private static final double SOFT_TARGETS = 2;

    private TaughtVae() {}

    static ForgettingListener listener(UnaryOperator<NDList> teacher) {
        VaeReplay source =
                VaeReplay.builder()
                        .optAnswers(ANSWERS)
                        .optAgreement(true)
                        .optTeacher(teacher)
                        .build();
        RehearsalGuard guard =
                RehearsalGuard.builder()
                        .setName(NAME)
                        .setSource(source)
                        .optMixing(Mixing.fixed(SHARE))
                        .optWeighing(Weighing.TASKS)
                        .optSoftTargets(SOFT_TARGETS)
                        .build();
        return ForgettingListener.builder().addGuard(guard).build();
    }
}
