package dev.engram.djl.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import dev.engram.api.EngramException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KnownRowsTest {

    @ParameterizedTest
    @CsvSource({"weight, 0", "weight, -3", "weight, 5", "other, 2"})
    void whatAMemorySaysOfABaseThatHasItNotIsRefused(String path, long rows) {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            Block base = base(manager);
            assertThatThrownBy(() -> KnownRows.of(Map.of(path, rows), base.getParameters()))
                    .isInstanceOf(EngramException.class)
                    .hasMessageContaining("the first %s rows of %s", rows, path);
        }
    }

    @Test
    void aTasksOwnParametersAreAboutTheParameterThatBeginsTheirName() {
        try (NDManager manager = NDManager.newBaseManager(Device.cpu())) {
            KnownRows rows = KnownRows.of(Map.of("weight", 2L), base(manager).getParameters());
            assertThat(rows.of("weight/lora_B")).contains(2L);
            assertThat(rows.of("weights/lora_B")).isEmpty();
            assertThat(rows.areAll()).isFalse();
            assertThat(KnownRows.ALL.areAll()).isTrue();
        }
    }

    private static Block base(NDManager manager) {
        Block base = Linear.builder().setUnits(4).build();
        base.initialize(manager, DataType.FLOAT32, new Shape(1, 3));
        return base;
    }
}
