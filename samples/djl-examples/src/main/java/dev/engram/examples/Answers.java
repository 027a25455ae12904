package dev.engram.examples;

import ai.djl.modality.rl.agent.RlAgent;
import ai.djl.modality.rl.env.RlEnv.Step;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.List;

/**
 * What an agent answers to every opening of two moves, and how often the beginner then wins.
 *
 * @param moves the next move after each opening
 * @param wins the share of openings after which the beginner wins, the agent playing both sides
 */
record Answers(List<Integer> moves, double wins) {

    /** Lets an agent play on from every opening. */
    static Answers of(RlAgent agent, int beginner, int batch, NDManager manager) {
        List<Integer> moves = new ArrayList<>();
        double won = 0;
        try (NDManager own = manager.newSubManager()) {
            TicTacToe game = new TicTacToe(own, beginner, batch);
            for (int opening = 0; opening < TicTacToe.PLACES * TicTacToe.PLACES; opening++) {
                int first = opening / TicTacToe.PLACES;
                int second = opening % TicTacToe.PLACES;
                if (first != second) {
                    open(game, first, second, own);
                    moves.add(agent.chooseAction(game, false).singletonOrThrow().getInt());
                    won += rest(game, agent) > 0 ? 1 : 0;
                }
            }
        }
        return new Answers(moves, won / moves.size());
    }

    /** Returns the share of openings that are answered as by others. */
    double share(Answers others) {
        double same = 0;
        for (int i = 0; i < moves.size(); i++) {
            same += moves.get(i).equals(others.moves.get(i)) ? 1 : 0;
        }
        return same / moves.size();
    }

    private static void open(TicTacToe game, int first, int second, NDManager manager) {
        game.reset();
        game.step(new NDList(manager.create(first)), false).close();
        game.step(new NDList(manager.create(second)), false).close();
    }

    private static float rest(TicTacToe game, RlAgent agent) {
        while (true) {
            try (Step step = game.step(agent.chooseAction(game, false), false)) {
                if (step.isDone()) {
                    return step.getReward().getFloat();
                }
            }
        }
    }
}
