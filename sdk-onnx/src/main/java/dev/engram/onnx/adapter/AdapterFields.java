package dev.engram.onnx.adapter;

/**
 * The fields of ONNX Runtime's {@code adapter_schema.fbs}, version 1, and two of Engram's.
 *
 * <p>Readers of FlatBuffers pass over fields that they do not know, so ONNX Runtime loads files
 * with Engram's two; they stand far behind its own, to leave it room to grow.
 */
final class AdapterFields {

    static final String IDENTIFIER = "TORT";
    static final int FORMAT = 1;
    static final int FLOAT = 1;

    static final int FORMAT_VERSION = 0;
    static final int ADAPTER_VERSION = 1;
    static final int MODEL_VERSION = 2;
    static final int PARAMETERS = 3;
    static final int BASE = 32;
    static final int CHECKSUM = 33;
    static final int ADAPTER_FIELDS = 34;

    static final int NAME = 0;
    static final int DIMS = 1;
    static final int TYPE = 2;
    static final int DATA = 3;
    static final int PARAMETER_FIELDS = 4;

    private AdapterFields() {}
}
