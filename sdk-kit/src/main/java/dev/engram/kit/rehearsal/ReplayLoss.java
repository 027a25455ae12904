package dev.engram.kit.rehearsal;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import dev.engram.api.replay.ReplayedBatch;

/** The loss of replayed samples, a mean over them. */
interface ReplayLoss {

    NDArray of(NDList predictions, ReplayedBatch batch, TaskLosses losses);
}
