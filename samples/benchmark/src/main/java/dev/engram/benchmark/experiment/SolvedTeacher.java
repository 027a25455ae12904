package dev.engram.benchmark.experiment;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import dev.engram.djl.ForgettingListener;
import dev.engram.scenarios.Protocol;
import dev.engram.scenarios.SequenceRun;
import dev.engram.scenarios.TaskSequence;
import java.util.function.UnaryOperator;

/**
 * A second model, whose head is solved, that learns each task after the first model has: it forgets
 * nothing, so it can say what samples of earlier tasks are.
 */
final class SolvedTeacher implements UnaryOperator<NDList>, AutoCloseable {

    private static final SolvedHead HEAD = new SolvedHead("ridge-head", 2000);

    /** The head's answers lie around 0 and 1: so many times as far apart they are probabilities. */
    private static final float SHARPNESS = 20;

    private final ForgettingListener listener =
            ForgettingListener.builder().addStrategy(HEAD.id()).build();
    private final Model model;
    private final SequenceRun run;
    private int ended;
    private int learnt;

    SolvedTeacher(TaskSequence sequence, Protocol protocol, long seed) {
        this.model = HEAD.model(sequence.outputs(), seed);
        this.run =
                new SequenceRun(
                        sequence,
                        SolvedHead.once(protocol),
                        seed,
                        listener,
                        done -> {},
                        outputs -> model);
    }

    /** Takes note that the first model has learnt a task. */
    void onTaskEnd() {
        ended++;
    }

    /** Learns what it has missed, so that its time is that of the training which asks, and says. */
    @Override
    public NDList apply(NDList inputs) {
        while (learnt < ended) {
            run.learn(model, learnt);
            learnt++;
        }
        NDManager asking = inputs.head().getManager();
        ParameterStore store = new ParameterStore(asking, false);
        NDArray said = model.getBlock().forward(store, inputs, false).head();
        return new NDList(said.stopGradient().mul(SHARPNESS));
    }

    @Override
    public void close() {
        listener.close();
        model.close();
    }
}
