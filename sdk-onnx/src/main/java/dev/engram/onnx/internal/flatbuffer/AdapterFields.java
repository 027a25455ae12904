package dev.engram.onnx.internal.flatbuffer;

/**
 * The fields of ONNX Runtime's {@code adapter_schema.fbs}, version 1, and two of Engram's.
 *
 * <p>Readers of FlatBuffers pass over fields that they do not know, so ONNX Runtime loads files
 * with Engram's two; they stand far behind its own, to leave it room to grow.
 */
public final class AdapterFields {

    public static final String IDENTIFIER = "TORT";
    public static final int FORMAT = 1;
    public static final int FLOAT = 1;

    public static final int FORMAT_VERSION = 0;
    public static final int ADAPTER_VERSION = 1;
    public static final int MODEL_VERSION = 2;
    public static final int PARAMETERS = 3;
    public static final int BASE = 32;
    public static final int CHECKSUM = 33;
    public static final int ADAPTER_FIELDS = 34;

    public static final int NAME = 0;
    public static final int DIMS = 1;
    public static final int TYPE = 2;
    public static final int DATA = 3;
    public static final int PARAMETER_FIELDS = 4;

    private AdapterFields() {}
}
