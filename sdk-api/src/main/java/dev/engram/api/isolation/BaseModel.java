package dev.engram.api.isolation;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.PairList;
import dev.engram.api.Stable;
import java.util.List;

/** The model over which tasks get parameters of their own; its own parameters are frozen. */
@Stable(since = "0.1", implementedBy = "Engram")
public interface BaseModel {

    /** Returns the user's block. */
    Block block();

    /** Returns its parameters by path name, all of them with arrays. */
    PairList<String, Parameter> parameters();

    /** Returns the manager that owns the tasks' parameters; Engram closes it. */
    NDManager manager();

    /** Returns what the tasks learnt so far have, oldest first. */
    List<TaskParameters> earlier();
}
