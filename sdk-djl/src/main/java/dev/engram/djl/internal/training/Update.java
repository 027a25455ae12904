package dev.engram.djl.internal.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.guard.UpdateView;
import dev.engram.djl.internal.guards.SeenTraining;
import java.util.Map;

/** What a guard sees of one update. */
record Update(TrainingView training, long step, Map<String, NDArray> before, NDManager scratch)
        implements UpdateView, SeenTraining {}
