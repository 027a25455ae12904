package dev.engram.onnx.retention;

import dev.engram.api.Experimental;

/** What samples say about a limit. */
@Experimental(since = "0.1", implementedBy = "nobody")
public enum Verdict {
    /** The task fell by no more than is allowed, with the stated confidence. */
    HELD,
    /** The samples are too few to tell. */
    UNDECIDED,
    /** The task fell by more than is allowed, with the stated confidence. */
    FELL
}
