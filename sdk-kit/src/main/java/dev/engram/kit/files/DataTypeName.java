package dev.engram.kit.files;

import ai.djl.ndarray.types.DataType;
import dev.engram.api.Stable;
import java.util.Locale;

/**
 * What a data type is called where that is stored or compared: {@link DataType#toString} lowers its
 * letters as the locale of the JVM does, and writes "ınt64" in Turkish.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class DataTypeName {

    private DataTypeName() {}

    /** Returns the name in lower case, such as {@code int64}, in every locale. */
    public static String of(DataType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }
}
