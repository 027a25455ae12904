package dev.engram.prompttuning.internal.parts;

import dev.engram.kit.compose.Insertion;
import java.util.List;
import java.util.Map;

/** Puts parts of a task into a model, and remembers them. */
public interface PartInsertion extends Insertion {

    /** Returns what was put where, by path, in the order of the model. */
    Map<String, Part> parts();

    /** Returns, one sentence each, what is wrong after all places were seen. */
    List<String> problems();
}
