package dev.engram.djl.memory;

import dev.engram.api.Experimental;
import java.util.List;

/**
 * A task as the memory knows it.
 *
 * @param name its name
 * @param classes the class labels seen in its samples, ascending; empty where labels are no classes
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public record LearntTask(String name, List<Integer> classes) {}
