package dev.engram.kit.files;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.DataType;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class DataTypeNameTest {

    @Test
    void theNameIsTheSameInEveryLocale() {
        Locale before = Locale.getDefault();
        try {
            Locale.setDefault(Locale.forLanguageTag("tr-TR"));
            assertThat(DataTypeName.of(DataType.INT64)).isEqualTo("int64");
            assertThat(DataTypeName.of(DataType.FLOAT32)).isEqualTo("float32");
        } finally {
            Locale.setDefault(before);
        }
    }
}
