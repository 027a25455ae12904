package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import org.junit.jupiter.api.Test;

class CustodyTest {

    @Test
    void theWeightsAreWithAManagerThatTellsWhatItIsForAndGoesWithThem() {
        try (NDManager root = NDManager.newBaseManager();
                Model model = Points.model(1)) {
            model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 4));
            NDArray weight = model.getBlock().getParameters().valueAt(0).getArray();
            NDManager owner = weight.getManager();
            Custody custody = new Custody(model.getBlock(), root);
            NDManager keeper = weight.getManager();
            assertThat(keeper.getName()).isEqualTo("engram custody");
            assertThat(keeper.getParentManager()).isSameAs(root);
            custody.close();
            assertThat(keeper.isOpen()).isFalse();
            assertThat(weight.getManager()).isSameAs(owner);
            assertThat(weight.isReleased()).isFalse();
        }
    }

    @Test
    void whatLayersShareIsGivenBackToItsOwner() {
        try (NDManager root = NDManager.newBaseManager();
                NDManager owner = root.newSubManager()) {
            Linear shared = Linear.builder().setUnits(4).build();
            Block twice = new SequentialBlock().add(shared).add(shared);
            twice.initialize(owner, DataType.FLOAT32, new Shape(1, 4));
            assertThat(twice.getParameters()).hasSize(4);
            new Custody(twice, root).close();
            NDArray weight = shared.getParameters().valueAt(0).getArray();
            assertThat(weight.isReleased()).isFalse();
            assertThat(weight.getManager()).isSameAs(owner);
        }
    }

    @Test
    void whoseOwnerIsGoneIsClosed() {
        try (NDManager root = NDManager.newBaseManager()) {
            Model model = Points.model(1);
            model.getBlock().initialize(model.getNDManager(), DataType.FLOAT32, new Shape(1, 4));
            Parameter parameter = model.getBlock().getParameters().valueAt(0);
            NDArray weight = parameter.getArray();
            try (Custody custody = new Custody(model.getBlock(), root)) {
                assertThat(custody).isNotNull();
                model.getNDManager().close();
                assertThat(weight.isReleased()).isFalse();
            }
            assertThat(weight.isReleased()).isTrue();
        }
    }
}
