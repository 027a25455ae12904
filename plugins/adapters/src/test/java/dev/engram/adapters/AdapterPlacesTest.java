package dev.engram.adapters;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AdapterPlacesTest {

    private static final Task TASK = Task.named("reviews");

    private final NDManager manager = NDManager.newBaseManager(Device.cpu());

    @AfterEach
    void close() {
        manager.close();
    }

    @Test
    void aModelWithoutKnownLayersIsRefusedWithWhatCouldBeNamed() {
        Base base = Base.mlp(manager);
        assertThatThrownBy(() -> Training.houlsby(Gate.NONE).create(base, TASK))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("no place after attention was found")
                .hasMessageContaining("no place after feed-forward was found")
                .hasMessageContaining(
                        "could name children of sequences or layers of a graph: 01Linear,"
                                + " 02LambdaBlock")
                .hasMessageContaining("SequentialBlock (known)")
                .hasMessageContaining("BlockComposer");
        assertThat(base.manager().getManagedArrays()).as("nothing is left behind").isEmpty();
    }

    @Test
    void namedChildrenOfASequenceGetAdapters() {
        Base base = Base.mlp(manager);
        BottleneckAdapters adapters =
                BottleneckAdapters.builder()
                        .optOwned("")
                        .optBottleneck(4)
                        .addAfter("02LambdaBlock")
                        .build();
        TaskParameters task = adapters.create(base, TASK);
        assertThat(task.parameters().keys())
                .containsExactly(
                        "02LambdaBlock_after_down_weight",
                        "02LambdaBlock_after_down_bias",
                        "02LambdaBlock_after_up_weight",
                        "02LambdaBlock_after_up_bias");
        assertThat(task.parameters().valueAt(0).getShape().getShape()).containsExactly(4, 16);
        NDList inputs = new NDList(manager.randomNormal(new Shape(4, 12)));
        float[] expected = Base.numbers(base.evaluate(inputs));
        assertThat(Base.numbers(Base.pass(task, inputs, false))).isEqualTo(expected);
        task.parameters().valueAt(3).getArray().setRequiresGradient(false);
        task.parameters().valueAt(3).getArray().addi(1);
        assertThat(Base.numbers(Base.pass(task, inputs, false))).isNotEqualTo(expected);
    }

    @Test
    void aNameThatIsNotThereIsRefusedWithThoseThatAre() {
        BottleneckAdapters adapters =
                BottleneckAdapters.builder()
                        .optOwned("")
                        .addAfter("02LambdaBlock")
                        .addAfter("07Relu")
                        .build();
        assertThatThrownBy(() -> adapters.create(Base.mlp(manager), TASK))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("names what is not there: 07Relu;")
                .hasMessageContaining("01Linear, 02LambdaBlock, 03Linear");
    }

    @Test
    void aBlockOfAnotherCompanyGetsAdaptersOnceItIsTaught() {
        Base base = Base.of(new Wrapped(Base.encoder()), Base.INPUT, manager);
        assertThatThrownBy(
                        () -> BottleneckAdapters.builder().optOwned("").build().create(base, TASK))
                .hasMessageContaining("after feed-forward in \"01inner\" is out of reach")
                .hasMessageContaining("Wrapped (unknown, so kept as it is)");
        BottleneckAdapters taught =
                BottleneckAdapters.builder()
                        .optOwned("")
                        .addComposer(new Wrapped.Composer())
                        .build();
        TaskParameters task = taught.create(base, TASK);
        assertThat(task.parameters().keys()).contains("01inner_feedForward_up_weight");
        NDList inputs = new NDList(Base.sequence(manager));
        assertThat(Base.numbers(Base.pass(task, inputs, false)))
                .isEqualTo(Base.numbers(base.evaluate(inputs)));
    }
}
