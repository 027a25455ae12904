package dev.engram.djl.tasks;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.util.PairList;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.TaskParameters;
import java.util.List;

/** The base of a registry. */
record Base(
        Block block,
        PairList<String, Parameter> parameters,
        NDManager manager,
        List<TaskParameters> earlier)
        implements BaseModel {

    Base after(List<TaskParameters> learnt) {
        return new Base(block, parameters, manager, List.copyOf(learnt));
    }
}
