package dev.engram.lora;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.djl.tasks.TaskRegistry;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A sum is {@code W + Σ wᵢ ΔWᵢ}, whatever the tasks have. */
class LoraSumTest {

    private static final Map<String, Double> WEIGHTS = Map.of("small", 0.5, "large", -1.5);

    private Model model;
    private TaskRegistry tasks;

    private void open(Bases kind) {
        model = kind.model();
        tasks = new TaskRegistry(model, LoraIsolation.builder().build());
    }

    @BeforeEach
    void forget() {
        model = null;
    }

    @AfterEach
    void close() {
        tasks.close();
        model.close();
    }

    private static LoraIsolation.Builder small(Bases kind) {
        return LoraIsolation.builder()
                .optRank(2)
                .optAlpha(3)
                .optOwned("")
                .optTargets(kind == Bases.TORCH_SCRIPT ? "query.weight" : "queryProjection");
    }

    private static LoraIsolation.Builder large(Bases kind) {
        return LoraIsolation.builder()
                .optRank(5)
                .optAlpha(2)
                .optTargets(
                        kind == Bases.TORCH_SCRIPT
                                ? "query.weight,value.weight"
                                : "queryProjection,valueProjection");
    }

    @ParameterizedTest
    @EnumSource(
            value = Bases.class,
            names = {"ENCODER", "TORCH_SCRIPT"})
    void scalesRanksAndTargetsMayDiffer(Bases kind) {
        open(kind);
        Drawn.add(tasks, "small", small(kind));
        Drawn.add(tasks, "large", large(kind));
        assertSum("sum");
    }

    @Test
    void theOrderOfLoadingDoesNotMatter() {
        Bases kind = Bases.ENCODER;
        open(kind);
        Drawn.add(tasks, "large", large(kind));
        Drawn.add(tasks, "small", small(kind));
        assertSum("sum");
    }

    @Test
    void oneTaskMayOwnWhatAnotherUpdates() {
        Bases kind = Bases.ENCODER;
        open(kind);
        Drawn.add(
                tasks,
                "small",
                small(kind)
                        .optOwned("01TransformerEncoderBlock_01selfAttention_03valueProjection"));
        Drawn.add(tasks, "large", large(kind));
        assertSum("sum");
    }

    @Test
    void orthogonalTasksHaveASumToo() {
        Bases kind = Bases.ENCODER;
        open(kind);
        Drawn.add(tasks, "small", small(kind).optOrthogonal(0.5));
        Drawn.add(tasks, "large", small(kind).optOrthogonal(0.5));
        assertSum("sum");
    }

    @Test
    void aSumIsThatOfTheBaseAlsoWhileAnotherTaskRuns() {
        Bases kind = Bases.TORCH_SCRIPT;
        model = kind.model();
        tasks = new TaskRegistry(model, large(kind).optOwned("key.weight").build());
        Drawn.add(tasks, "small", 0.3f);
        Drawn.add(tasks, "large", 0.3f);
        kind.outputs(model, tasks.handle("large").block(), 0);
        tasks.combine("sum", WEIGHTS);
        assertThat(difference("sum")).isLessThan(1e-5);
    }

    @Test
    void whatIsNoSumIsRefused() {
        Bases kind = Bases.ENCODER;
        open(kind);
        Drawn.add(tasks, "small", small(kind).optDecomposed());
        Drawn.add(tasks, "large", small(kind).optRescaling(""));
        for (String task : tasks.tasks()) {
            assertThatThrownBy(() -> tasks.combine("sum", Map.of(task, 1.0)))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("queryProjection_weight")
                    .hasMessageContaining(task.equals("small") ? "dora" : "ia3");
        }
    }

    private void assertSum(String name) {
        tasks.combine(name, WEIGHTS);
        assertThat(difference(name)).isLessThan(1e-5);
    }

    /** Returns how far any weight of the sum is from that of the definition. */
    private double difference(String name) {
        double[] most = {0};
        try (NDManager scope = model.getNDManager().newSubManager()) {
            Map<String, NDArray> sum = merged(name, scope);
            Map<String, NDArray> wanted = new LinkedHashMap<>();
            for (String path : sum.keySet()) {
                wanted.put(path, base(path, scope));
            }
            WEIGHTS.forEach(
                    (task, weight) ->
                            merged(task, scope)
                                    .forEach(
                                            (path, value) ->
                                                    wanted.merge(
                                                            path,
                                                            value.sub(base(path, scope))
                                                                    .mul(weight.floatValue()),
                                                            NDArray::add)));
            assertThat(sum.keySet()).isEqualTo(wanted.keySet());
            sum.forEach(
                    (path, value) ->
                            most[0] =
                                    Math.max(
                                            most[0],
                                            value.sub(wanted.get(path)).abs().max().getFloat()));
        }
        return most[0];
    }

    private Map<String, NDArray> merged(String name, NDManager scope) {
        return tasks.read(
                name,
                (BaseModel base, TaskParameters parameters) ->
                        parameters.merged(scope).orElseThrow());
    }

    private NDArray base(String path, NDManager scope) {
        String any = tasks.tasks().get(0);
        return tasks.read(
                any,
                (base, parameters) -> {
                    NDArray copy = base.parameters().get(path).getArray().duplicate();
                    copy.attach(scope);
                    return copy;
                });
    }
}
