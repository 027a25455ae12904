package dev.engram.analytic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.dataset.Batch;
import dev.engram.analytic.internal.closedform.RidgeMethod;
import dev.engram.analytic.internal.closedform.RidgePenalty;
import dev.engram.analytic.internal.sums.Precision;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.LiveArrays;
import dev.engram.tck.SmallTasks;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

/** Loops and bases that are not the plainest. */
class LoopsTest {

    @Test
    void aLoopThatAddsUpBatchesAndClosesThemIsSummedOverTheSame() throws Exception {
        float[] expected;
        try (Model model = Blobs.model(Blobs.random(100));
                ForgettingListener listener = listener()) {
            Blobs.fit(model, 0, 1, listener);
            expected = Blobs.outputs(model);
        }
        try (Model model = Blobs.model(Blobs.random(100));
                ForgettingListener listener = listener()) {
            try (Trainer trainer = Blobs.trainer(model, listener)) {
                int seen = 0;
                for (Batch batch : trainer.iterateDataset(Blobs.dataset(manager(model), 0))) {
                    EasyTrain.trainBatch(trainer, batch);
                    batch.close();
                    if (++seen % 2 == 0) {
                        trainer.step();
                    }
                }
                trainer.notifyListeners(one -> one.onEpoch(trainer));
            }
            assertThat(Blobs.outputs(model)).containsExactly(expected, within(1e-4f));
        }
    }

    /** DJL takes a sum of gradients of zero for no gradients; softmax's over one layer cancel. */
    @Test
    void gradientsThatCancelToTheLastBitAreNoReasonToStop() throws Exception {
        Block block =
                new SequentialBlock()
                        .add(inputs -> new NDList(inputs.head().mul(1e6)))
                        .add(Linear.builder().setUnits(Blobs.OUTPUTS).build());
        try (Model model = Blobs.model(block);
                ForgettingListener listener =
                        ForgettingListener.builder().addStrategy("ncm").build()) {
            for (int task = 0; task < 3; task++) {
                Blobs.fit(model, task, 1, listener);
            }
            assertThat(Blobs.accuracy(model, 0)).isGreaterThan(0.9);
        }
    }

    @Test
    void aTorchScriptBaseIsSummedOver() throws Exception {
        try (Model scripted = Model.newInstance("scripted-mlp", "PyTorch");
                InputStream file = SmallTasks.class.getResourceAsStream("scripted-mlp.pt")) {
            scripted.load(file);
            SequentialBlock block =
                    new SequentialBlock()
                            .add(scripted.getBlock())
                            .add(Linear.builder().setUnits(Blobs.OUTPUTS).build());
            try (Model model = Blobs.model(block);
                    ForgettingListener listener = listener()) {
                Blobs.fit(model, 0, 1, listener);
                Blobs.fit(model, 1, 1, listener);
                assertThat(Blobs.accuracy(model, 0)).isGreaterThan(0.5);
            }
        }
    }

    @Test
    void manyStepsLeaveNoArraysBehind() throws Exception {
        try (Model model = Blobs.model(Blobs.random(100));
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addGuard(
                                        new AnalyticGuard(
                                                new RidgeMethod(RidgePenalty.share(1e-4)),
                                                Integer.MAX_VALUE,
                                                Precision.SINGLE))
                                .build();
                Trainer trainer = Blobs.trainer(model, listener)) {
            epochs(trainer, model, 5);
            int before = LiveArrays.count();
            epochs(trainer, model, 64);
            // 512 steps; features and labels of up to 1,024 samples wait for their sum.
            assertThat(LiveArrays.count()).isLessThan(before + 100);
        }
    }

    private static void epochs(Trainer trainer, Model model, int epochs) throws Exception {
        try (NDManager scratch = manager(model).newSubManager()) {
            EasyTrain.fit(trainer, epochs, Blobs.dataset(scratch, 0), null);
        }
    }

    private static NDManager manager(Model model) {
        return model.getNDManager();
    }

    private static ForgettingListener listener() {
        return ForgettingListener.builder().addStrategy("ridge-head").build();
    }
}
