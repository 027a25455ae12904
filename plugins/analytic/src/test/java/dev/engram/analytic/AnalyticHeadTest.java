package dev.engram.analytic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.SequentialBlock;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnalyticHeadTest {

    private static final double SAME = 1e-4;

    private final NDManager manager = NDManager.newBaseManager();

    @TempDir private Path folder;

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void theOrderOfTasksChangesNothing() {
        assertSame(scores(learnt(0, 1, 2)), scores(learnt(2, 0, 1)));
    }

    @Test
    void twoMachinesAddUpToOne() {
        AnalyticHead one = learnt(0, 2);
        one.merge(learnt(1));
        assertSame(scores(one), scores(learnt(0, 1, 2)));
    }

    @Test
    void aHeadGoesOnWhereItWasSaved() throws IOException {
        Path file = folder.resolve("head");
        learnt(0, 1).save(file);
        try (AnalyticHead loaded =
                AnalyticHead.ridge().optRandomFeatures(150, 3).load(file, Blobs.INPUTS, manager)) {
            loaded.learn(Blobs.features(manager, 2), Blobs.labels(manager, 2));
            assertSame(scores(loaded), scores(learnt(0, 1, 2)));
        }
        assertThatThrownBy(
                        () ->
                                AnalyticHead.ridge()
                                        .optRandomFeatures(150, 4)
                                        .load(file, Blobs.INPUTS, manager))
                .hasMessageContaining("150 random features of seed 3")
                .hasMessageContaining("seed 4");
    }

    /** Another name of the same file sees whether it was written over. */
    @Test
    void aFileStaysWholeUntilItIsReplaced() throws IOException {
        Path file = folder.resolve("head");
        Path before = folder.resolve("before");
        learnt(0).save(file);
        Files.createLink(before, file);
        byte[] written = Files.readAllBytes(before);
        learnt(0, 1).save(file);
        assertThat(Files.readAllBytes(before)).isEqualTo(written);
        assertThat(Files.readAllBytes(file)).isNotEqualTo(written);
    }

    @Test
    void ahundredSamplesThatAreUnlearntWereNeverSeen() {
        NDArray points = Blobs.features(manager, 1);
        NDArray labels = Blobs.labels(manager, 1);
        AnalyticHead never = learnt(0, 2);
        never.learn(points.get(new NDIndex("100:")), labels.get(new NDIndex("100:")));
        AnalyticHead head = learnt(0, 1, 2);
        assertThat(distance(scores(head), scores(never))).isGreaterThan(SAME);
        head.unlearn(points.get(new NDIndex(":100")), labels.get(new NDIndex(":100")));
        assertSame(scores(head), scores(never));
        assertThat(head.count(2)).isEqualTo(70);
    }

    @Test
    void samplesThatWereNeverLearntAreNotTakenOut() {
        AnalyticHead head = learnt(0);
        double[] before = scores(head);
        assertThatThrownBy(() -> head.unlearn(Blobs.features(manager, 1), Blobs.labels(manager, 1)))
                .hasMessageContaining("120 samples of class 2")
                .hasMessageContaining("only 0 were learnt");
        NDArray strange = Blobs.features(manager, 0).mul(3);
        assertThatThrownBy(() -> head.unlearn(strange, Blobs.labels(manager, 0)))
                .hasMessageContaining("never learnt");
        assertSame(scores(head), before);
    }

    @Test
    void theBlocksAnswerAsTheHeadDoes() {
        AnalyticHead head = learnt(0, 1, 2);
        SequentialBlock block = head.asBlock(Blobs.OUTPUTS, manager);
        NDArray points = Blobs.features(manager, 1);
        NDArray outputs =
                block.forward(new ParameterStore(manager, false), new NDList(points), false).head();
        assertThat(outputs.argMax(1).toLongArray())
                .isEqualTo(head.predict(points).argMax(1).toLongArray());
        NDArray known = outputs.get(new NDIndex(":, :{}", Blobs.CLASSES));
        double far =
                known.sub(head.predict(points).toType(known.getDataType(), true))
                        .abs()
                        .max()
                        .getFloat();
        assertThat(far).isLessThan(SAME);
    }

    @Test
    void whatIsNoFeatureOrNoClassIsSaid() {
        try (AnalyticHead head = AnalyticHead.slda().build(3, manager)) {
            assertThatThrownBy(head::solve).hasMessageContaining("Nothing was learnt yet");
            assertThatThrownBy(
                            () ->
                                    head.learn(
                                            manager.ones(new Shape(2, 4)),
                                            manager.zeros(new Shape(2))))
                    .hasMessageContaining("(2, 4)")
                    .hasMessageContaining("3 features");
            assertThatThrownBy(
                            () ->
                                    head.learn(
                                            manager.ones(new Shape(2, 3)),
                                            manager.zeros(new Shape(5))))
                    .hasMessageContaining("2 feature vectors came with 5 labels");
            head.learn(manager.ones(new Shape(1, 3)), manager.create(new float[] {0.5f}));
            assertThatThrownBy(head::solve).hasMessageContaining("A label is 0.5");
            head.learn(manager.full(new Shape(1, 3), Float.NaN), manager.zeros(new Shape(1)));
            assertThatThrownBy(head::solve).hasMessageContaining("not finite");
        }
        assertThatThrownBy(() -> AnalyticHead.ncm().optLambda(1)).hasMessageContaining("ridge()");
    }

    private AnalyticHead learnt(int... tasks) {
        AnalyticHead head =
                AnalyticHead.ridge().optRandomFeatures(150, 3).build(Blobs.INPUTS, manager);
        for (int task : tasks) {
            head.learn(Blobs.features(manager, task), Blobs.labels(manager, task));
        }
        return head;
    }

    private double[] scores(AnalyticHead head) {
        return head.predict(Blobs.features(manager, 1)).toDoubleArray();
    }

    private static void assertSame(double[] one, double[] other) {
        assertThat(one).containsExactly(other, within(SAME));
    }

    private static double distance(double[] one, double[] other) {
        double most = 0;
        for (int i = 0; i < one.length; i++) {
            most = Math.max(most, Math.abs(one[i] - other[i]));
        }
        return most;
    }
}
