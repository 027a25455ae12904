package dev.engram.onnx.graph;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import org.jspecify.annotations.Nullable;

/** An ONNX file that cannot be used: the message names the file, the place and what to do. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class OnnxException extends EngramException {

    private static final long serialVersionUID = 1L;

    /** Creates the error from its message. */
    public OnnxException(String message) {
        super(message);
    }

    /** Creates the error from its message and what caused it. */
    public OnnxException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
