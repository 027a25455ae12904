package dev.engram.replay.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LayoutTest {

    /** DJL's PyTorch engine aborts the JVM at most of these. */
    @ParameterizedTest
    @EnumSource(
            value = DataType.class,
            names = {
                "BFLOAT16",
                "INT16",
                "UINT16",
                "UINT32",
                "UINT64",
                "COMPLEX64",
                "STRING",
                "UNKNOWN"
            })
    void aTypeThatCannotBeKeptIsRefusedBeforeTheEngineSeesIt(DataType type) {
        assertThatThrownBy(() -> new Layout.Part(type, new Shape(2), "mask"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"mask\"")
                .hasMessageContaining(type.toString())
                .hasMessageContaining("cast it to one of");
    }

    @Test
    void aLayoutThatWasWrittenElsewhereIsRefusedToo() {
        assertThatThrownBy(() -> Layout.parse("BF16[2]mask||"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot be kept");
    }

    @Test
    void whatIsWrittenIsRead() {
        String text = "F32[784];U8[28,28]mask%3B+%C3%BC|I64[]|F16[10]";
        Layout layout = Layout.parse(text);
        assertThat(layout).hasToString(text).isEqualTo(Layout.parse(text));
        assertThat(layout.bytes()).isEqualTo(3136 + 784 + 8 + 20);
        assertThat(layout.parts().get(1).name()).isEqualTo("mask; ü");
    }
}
