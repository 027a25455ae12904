package dev.engram.gradientprojection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.training.listener.TrainingListener;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.djl.Base;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.SmallTasks;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** TorchScript shows no layers: gradients tell what they are fed. */
class TorchScriptTest {

    private static final int FIRST = 0;
    private static final int LATER = 2;

    @TempDir private Path folder;

    @ParameterizedTest
    @ValueSource(doubles = {1, 0.1})
    void aTorchScriptModelKeepsAsMuchAsOneWhoseLayersAreSeen(double alpha)
            throws IOException, MalformedModelException {
        double unguarded = kept(scripted());
        assertThat(kept(blocks())).as("the same network").isCloseTo(unguarded, within(0.005));
        double exact = kept(blocks(), GradientProjection.owm(alpha).build());
        double sketched = kept(scripted(), GradientProjection.owm(alpha).build());
        assertThat(sketched).isGreaterThan(unguarded + 0.1).isCloseTo(exact, within(0.03));
    }

    @Test
    void aTorchScriptModelWithBatchNormKeepsMoreThanUnguarded() {
        double unguarded = kept(SmallTasks.torchScript());
        double guarded = kept(SmallTasks.torchScript(), GradientProjection.owm(1).build());
        assertThat(guarded).isGreaterThan(unguarded + 0.1);
    }

    private Model scripted() throws IOException, MalformedModelException {
        return ScriptedNetwork.scripted(folder);
    }

    private Model blocks() throws IOException, MalformedModelException {
        try (Model scripted = scripted()) {
            return ScriptedNetwork.blocks(scripted);
        }
    }

    private static double kept(Model model, ForgettingGuard guard) {
        try (ForgettingListener listener =
                ForgettingListener.builder().addGuard(guard).optBase(Base.IGNORE).build()) {
            return kept(model, listener);
        }
    }

    /** Returns the accuracy in a first task after a later one. */
    private static double kept(Model model, TrainingListener... listeners) {
        try (model) {
            Engine.getInstance().setRandomSeed(1);
            SmallTasks.fit(model, FIRST, 10, listeners);
            SmallTasks.fit(model, LATER, 20, listeners);
            return SmallTasks.accuracy(model, FIRST);
        }
    }
}
