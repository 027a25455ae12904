package dev.engram.replay.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.training.dataset.Batch;
import dev.engram.api.EngramException;
import dev.engram.api.replay.ObservedBatch;
import dev.engram.api.task.Task;
import dev.engram.kit.rehearsal.Mixing;
import dev.engram.replay.selection.Selection;
import dev.engram.replay.source.ReplayBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayDatasetTest {

    @Test
    void earlierSamplesStandBehindTheNewOnesOfEachBatch() throws Exception {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                ReplayBuffer source = ReplayBuffer.builder().build()) {
            observe(source, manager, 3);
            ReplayDataset mixed =
                    ReplayDataset.builder()
                            .setDataset(fresh(manager))
                            .setSource(source)
                            .setTask("new")
                            .build();
            List<Integer> sizes = new ArrayList<>();
            for (Batch batch : mixed.getData(manager)) {
                float[] labels = batch.getLabels().head().toFloatArray();
                sizes.add(labels.length);
                for (int i = 0; i < labels.length; i++) {
                    assertThat(labels[i]).isEqualTo(i < 8 ? 1f : -1f);
                }
                assertThat(batch.getSize()).isEqualTo(10);
                assertThat(batch.getData().head().getShape()).isEqualTo(new Shape(10, 3));
                batch.close();
            }
            assertThat(sizes).containsExactly(10, 10, 10, 10);
            assertThat(source.available(Task.named("third"))).isEqualTo(20 + 32);
        }
    }

    @Test
    void aSecondPassOverTheDataSetBringsNoNewSamples() throws Exception {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                ReplayBuffer source = ReplayBuffer.builder().build()) {
            observe(source, manager, 3);
            ReplayDataset mixed =
                    ReplayDataset.builder()
                            .setDataset(fresh(manager))
                            .setSource(source)
                            .setTask("new")
                            .build();
            for (int pass = 0; pass < 3; pass++) {
                for (Batch batch : mixed.getData(manager)) {
                    batch.close();
                }
            }
            assertThat(source.available(Task.named("third"))).isEqualTo(20 + 32);
        }
    }

    @Test
    void earlierSamplesOfAnotherShapeFollowAsABatchOfTheirOwn() throws Exception {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                ReplayBuffer source = ReplayBuffer.builder().build()) {
            observe(source, manager, 5);
            ReplayDataset mixed =
                    ReplayDataset.builder()
                            .setDataset(fresh(manager))
                            .setSource(source)
                            .setTask("new")
                            .optMixing(Mixing.fixed(0.5))
                            .build();
            List<Shape> shapes = new ArrayList<>();
            for (Batch batch : mixed.getData(manager)) {
                shapes.add(batch.getData().head().getShape());
                batch.close();
            }
            assertThat(shapes).hasSize(8);
            assertThat(shapes.subList(0, 2)).containsExactly(new Shape(8, 3), new Shape(8, 5));
        }
    }

    @Test
    void aSourceThatChoosesAtTheEndOfATaskIsRefused() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
                ReplayBuffer source =
                        ReplayBuffer.builder().optSelection(Selection.HERDING).build()) {
            ReplayDataset.Builder builder =
                    ReplayDataset.builder()
                            .setDataset(fresh(manager))
                            .setSource(source)
                            .setTask("new");
            assertThatThrownBy(builder::build)
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("end of a task");
        }
    }

    private static void observe(ReplayBuffer source, NDManager manager, int width) {
        source.observe(
                ObservedBatch.of(
                        Task.named("old"),
                        new NDList(manager.zeros(new Shape(20, width))),
                        new NDList(manager.ones(new Shape(20)).neg()),
                        new NDList(),
                        List.of()));
    }

    private static ArrayDataset fresh(NDManager manager) {
        return new ArrayDataset.Builder()
                .setData(manager.ones(new Shape(32, 3)))
                .optLabels(manager.ones(new Shape(32)))
                .setSampling(8, false)
                .build();
    }
}
