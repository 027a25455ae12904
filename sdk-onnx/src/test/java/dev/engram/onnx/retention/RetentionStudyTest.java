package dev.engram.onnx.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.engram.api.EngramException;
import dev.engram.api.metrics.Retention;
import dev.engram.onnx.Models;
import dev.engram.onnx.adapter.AdapterSlots;
import dev.engram.onnx.adapter.FloatMatrix;
import dev.engram.onnx.adapter.LayerSelection;
import dev.engram.onnx.adapter.OnnxAdapter;
import dev.engram.onnx.adapter.OnnxAdapterFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionStudyTest {

    @TempDir Path folder;

    private final RetentionLimit limit = RetentionLimit.points(1, 0.95);

    private RetentionStudy study() {
        return new RetentionStudy()
                .addTask(Digits.samples("zeros and ones", 200, 0, 1))
                .addTask(Digits.samples("all", 100, 0, 1, 2))
                .optThreads(1)
                .optBatchSize(32);
    }

    private DeployedModel model(String name, boolean confused) {
        return DeployedModel.of(Digits.model(folder.resolve(name + ".onnx"), confused)).named(name);
    }

    @Test
    void aModelThatConfusesAnOldTaskIsFound() {
        RetentionFindings findings =
                study().addModel(model("v1", false), "zeros and ones")
                        .addModel(model("v2", true), "all")
                        .run();
        assertThat(findings.matrix().at(0, 0)).isEqualTo(1);
        assertThat(findings.matrix().at(1, 0)).isEqualTo(0.5, within(0.1));
        assertThat(Retention.of(findings.matrix()).meanForgetting()).isEqualTo(0.5, within(0.1));
        assertThat(findings.comparisons()).hasSize(1);
        assertThatThrownBy(() -> findings.assertRetained(limit))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("v2 forgot 1 of 1 earlier tasks.")
                .hasMessageContaining("zeros and ones: 100.0 % -> ")
                .hasMessageContaining("FELL");
    }

    /** The last batch has samples of the one before: 200 are no multiple of 64. */
    @Test
    void aFileOfOneBatchSizeAnswersAllSamples() {
        Path file = Digits.fixed(folder.resolve("fixed.onnx"), 64);
        RetentionFindings findings =
                study().optBatchSize(64)
                        .addModel(DeployedModel.of(file).named("v1"), "zeros and ones", "all")
                        .run();
        assertThat(findings.answers("v1", "zeros and ones").accuracy()).isEqualTo(1);
        assertThat(findings.answers("v1", "all").accuracy()).isEqualTo(1);
    }

    @Test
    void theSameModelForgotNothing() {
        RetentionFindings findings =
                study().addModel(model("v1", false), "zeros and ones")
                        .addModel(model("v2", false), "all")
                        .run();
        assertThatCode(() -> findings.assertRetained(limit)).doesNotThrowAnyException();
        assertThat(findings.answers("v2", "all").accuracy()).isEqualTo(1);
    }

    @Test
    void anAdapterKeepsATaskThatTheBaseForgot() {
        Path prepared = folder.resolve("prepared.onnx");
        DeployedModel confused = model("confused", true);
        AdapterSlots slots = AdapterSlots.add(confused.file(), LayerSelection.all(), prepared);
        // Swaps the last two columns back: W + left·right is the identity.
        OnnxAdapter adapter =
                OnnxAdapter.builder(slots)
                        .addUpdate(
                                "w",
                                FloatMatrix.of(3, 1, 0, 1, -1),
                                FloatMatrix.of(1, 3, 0, 1, -1),
                                1)
                        .build();
        Path file = folder.resolve("zeros.onnx_adapter");
        OnnxAdapterFile.write(adapter, file);
        RetentionFindings findings =
                study().addModel(model("v1", false), "zeros and ones")
                        .addModel(
                                DeployedModel.of(prepared).withAdapter("zeros and ones", file),
                                "all")
                        .run();
        assertThat(findings.matrix().at(1, 0)).isEqualTo(1);
        assertThat(findings.matrix().at(1, 1)).isLessThan(0.6);
        assertThatCode(() -> findings.assertRetained(limit)).doesNotThrowAnyException();
    }

    @Test
    void aModelThatLearntSeveralTasksHasARowForEach() {
        RetentionFindings findings =
                study().addTask(Digits.samples("late", 50, 2))
                        .addModel(model("v1", false), "zeros and ones", "all")
                        .addModel(model("v2", true), "late")
                        .run();
        assertThat(findings.matrix().learnt()).isEqualTo(3);
        assertThat(findings.comparisons()).hasSize(2);
    }

    @Test
    void theReportIsTheOneOfTraining() throws IOException {
        RetentionFindings findings =
                study().addModel(model("v1", false), "zeros and ones")
                        .addModel(model("v2", true), "all")
                        .run();
        findings.report("Release 2", limit, folder.resolve("report"));
        assertThat(Files.readString(folder.resolve("report/retention.html")))
                .contains("Release 2", "zeros and ones", "FELL", "not known");
        assertThat(folder.resolve("report/retention.csv")).isNotEmptyFile();
        assertThat(folder.resolve("report/retention.json")).isNotEmptyFile();
    }

    private static TaskSamples labelled(float value, int... labels) {
        float[] x = new float[3 * labels.length];
        x[5] = value;
        return TaskSamples.builder("a").addFloats("x", x, 3).setLabels(labels).build();
    }

    @Test
    void nanIsNoAnswer() {
        RetentionStudy study = new RetentionStudy().addTask(labelled(Float.NaN, 0, 0, 0));
        assertThatThrownBy(() -> study.addModel(model("v1", false), "a").run())
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("v1.onnx gives NaN for 1 of the 3 samples of task a")
                .hasMessageContaining("the first of them 1");
    }

    @Test
    void labelsWithoutAScoreAreRefused() {
        for (int label : new int[] {3, -1}) {
            RetentionStudy study = new RetentionStudy().addTask(labelled(0, 0, label));
            assertThatThrownBy(() -> study.addModel(model("v1", false), "a").run())
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("Sample 1 of task a cannot be judged by")
                    .hasMessageContaining("v1.onnx")
                    .hasMessageContaining("the label " + label + " is none of the 3 classes");
        }
    }

    @Test
    void aModelWithFewerClassesThanLabelsIsRefused() {
        DeployedModel fewer =
                DeployedModel.of(
                        Models.opset(13)
                                .input("x", DataType.FLOAT, -1, 3)
                                .weight("w", 3, 2)
                                .node("MatMul", "scores", "x", "w")
                                .output("scores", DataType.FLOAT, -1, 2)
                                .write(folder.resolve("fewer.onnx")));
        RetentionStudy study = study().addModel(model("v1", false), "zeros and ones");
        assertThatThrownBy(() -> study.addModel(fewer, "all").run())
                .hasMessageContaining("of task all cannot be judged by")
                .hasMessageContaining("fewer.onnx")
                .hasMessageContaining("the label 2 is none of the 2 classes");
    }

    @Test
    void modelsAreTheSameIfAllTheirFilesAre() throws IOException {
        DeployedModel one = model("v1", false);
        Path copy = Files.copy(one.file(), folder.resolve("copy.onnx"));
        assertThat(one.isSameAs(DeployedModel.of(copy))).isTrue();
        assertThat(one.isSameAs(model("v2", true))).isFalse();
        assertThat(one.isSameAs(one.withAdapter("a", copy))).isFalse();
        assertThat(one.withAdapter("a", copy).isSameAs(one.withAdapter("a", one.file()))).isTrue();
    }

    @Test
    void whatDoesNotFitTogetherIsRefused() {
        assertThatThrownBy(() -> study().addModel(model("v1", false), "all").run())
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("the models learnt [all]");
        assertThatThrownBy(
                        () ->
                                study().optOutput("gone")
                                        .addModel(model("v1", false), "zeros and ones", "all")
                                        .run())
                .hasMessageContaining("no output gone");
        assertThatThrownBy(
                        () ->
                                TaskSamples.builder("a")
                                        .addFloats("x", new float[5], 2)
                                        .setLabels(1, 2)
                                        .build())
                .hasMessageContaining("5 values of 2");
        RetentionStudy other =
                new RetentionStudy()
                        .addTask(
                                TaskSamples.builder("a")
                                        .addFloats("y", new float[3], 3)
                                        .setLabels(1)
                                        .build());
        assertThatThrownBy(() -> other.addModel(model("v1", false), "a").run())
                .hasMessageContaining("of task a cannot be judged");
    }
}
