package dev.engram.examples;

import ai.djl.Model;
import ai.djl.modality.rl.agent.EpsilonGreedy;
import ai.djl.modality.rl.agent.RlAgent;
import ai.djl.modality.rl.env.RlEnv.Step;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.Trainer;
import ai.djl.training.TrainingConfig;
import ai.djl.training.listener.TrainingListener;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.LinearTracker;
import ai.djl.training.tracker.Tracker;
import java.util.List;
import java.util.Map;

/**
 * Reinforcement learning: an agent learns to win with the crosses, then with the noughts.
 *
 * <p>As in DJL's example one agent plays both sides and the one that begins is to win; the loop is
 * written by hand, and tells the listeners itself when the training begins and ends.
 */
final class TrainTicTacToe implements Example {

    private static final int BATCH = 32;
    private static final float REWARD_DISCOUNT = 0.9f;

    @Override
    public String strategy() {
        return "rwalk";
    }

    /** The agent adds up the gradients of all moves of a batch, which outweigh a mean's pull. */
    @Override
    public Map<String, String> settings() {
        return Map.of("lambda", "1");
    }

    @Override
    public Retention run(Setup setup, TrainingListener... engram) {
        try (Model model = Model.newInstance("tic-tac-toe")) {
            model.setBlock(block());
            Answers first = learn(setup, model, 1, engram).get(0);
            List<Answers> both = learn(setup, model, -1, engram);
            return new Retention(
                    "openings answered as when learnt; of the second, openings that win",
                    first.share(first),
                    both.get(0).share(first),
                    both.get(1).wins());
        }
    }

    /** Returns the answers of crosses and of noughts, each having begun, after it learnt. */
    private static List<Answers> learn(
            Setup setup, Model model, int beginner, TrainingListener... engram) {
        int games = setup.either(100, 2_000);
        try (Trainer trainer = model.newTrainer(setupTrainingConfig(engram));
                NDManager manager = NDManager.newBaseManager()) {
            trainer.initialize(new Shape(BATCH, 9), new Shape(BATCH), new Shape(BATCH));
            trainer.notifyListeners(listener -> listener.onTrainingBegin(trainer));
            TicTacToe game = new TicTacToe(manager.newSubManager(), beginner, BATCH);
            RlAgent learner = new ValueAgent(trainer, REWARD_DISCOUNT);
            RlAgent agent = new EpsilonGreedy(learner, exploreRate(games));
            for (int j = 0; j < games; j++) {
                game.runEnvironment(agent, true);
                Step[] batchSteps = game.getBatch();
                agent.trainBatch(batchSteps);
                trainer.step();
            }
            trainer.notifyListeners(listener -> listener.onEpoch(trainer));
            trainer.notifyListeners(listener -> listener.onTrainingEnd(trainer));
            return List.of(
                    Answers.of(learner, 1, BATCH, manager),
                    Answers.of(learner, -1, BATCH, manager));
        }
    }

    private static Tracker exploreRate(int games) {
        return LinearTracker.builder()
                .setBaseValue(0.9f)
                .optSlope(-.9f / (games * 7))
                .optMinValue(0.01f)
                .build();
    }

    private static Block block() {
        return new SequentialBlock()
                .add(TrainTicTacToe::combined)
                .add(Linear.builder().setUnits(40).build())
                .add(Activation.reluBlock())
                .add(Linear.builder().setUnits(20).build())
                .add(Activation.reluBlock())
                .add(Linear.builder().setUnits(1).build());
    }

    /** Joins board (N, 9), turn (N) and action (N) to one vector (N, 11). */
    private static NDList combined(NDList arrays) {
        NDList columns =
                new NDList(
                        arrays.get(0), arrays.get(1).reshape(-1, 1), arrays.get(2).reshape(-1, 1));
        return new NDList(NDArrays.concat(columns, 1).toType(DataType.FLOAT32, true));
    }

    private static TrainingConfig setupTrainingConfig(TrainingListener... engram) {
        return new DefaultTrainingConfig(new HalfSquares())
                .optOptimizer(Optimizer.adam().optLearningRateTracker(Tracker.fixed(3e-3f)).build())
                .addTrainingListeners(TrainingListener.Defaults.basic())
                .addTrainingListeners(engram);
    }
}
