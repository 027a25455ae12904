package dev.engram.onnx.retention.junit;

import dev.engram.api.Experimental;
import dev.engram.onnx.retention.DeployedModel;
import dev.engram.onnx.retention.TaskSamples;
import java.util.List;

/**
 * What a {@link RetentionTest} is about. Created by a constructor without parameters, once a test
 * method.
 */
@Experimental(since = "0.1", implementedBy = "applications")
public interface RetentionSubject {

    /** Returns the model that is deployed. */
    DeployedModel before();

    /** Returns the model that would replace it; not the same one. */
    DeployedModel after();

    /** Returns the samples of the tasks that the model before had learnt. */
    List<TaskSamples> tasks();

    /** Returns the output that holds the scores; empty for the first. */
    default String output() {
        return "";
    }

    /** Returns how many samples run at once. */
    default int batchSize() {
        return 64;
    }
}
