package dev.engram.examples;

import ai.djl.modality.rl.ActionSpace;
import ai.djl.modality.rl.LruReplayBuffer;
import ai.djl.modality.rl.ReplayBuffer;
import ai.djl.modality.rl.env.RlEnv;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;

/** Three in a row: the board, whose turn it is, and what happened, for DJL's agents. */
final class TicTacToe implements RlEnv {

    /** The number of places on the board. */
    static final int PLACES = 9;

    private static final int[][] LINES = {
        {0, 1, 2}, {3, 4, 5}, {6, 7, 8}, {0, 3, 6}, {1, 4, 7}, {2, 5, 8}, {0, 4, 8}, {2, 4, 6}
    };

    private final NDManager manager;
    private final ReplayBuffer steps;
    private final int beginner;
    private Position position;

    /**
     * Creates a game.
     *
     * @param beginner who begins and is to win: 1 or -1
     * @param batch how many steps are learnt from at once
     */
    TicTacToe(NDManager manager, int beginner, int batch) {
        this.manager = manager;
        this.beginner = beginner;
        this.steps = new LruReplayBuffer(batch, 1024);
        this.position = new Position(new int[PLACES], beginner);
    }

    @Override
    public void reset() {
        position = new Position(new int[PLACES], beginner);
    }

    @Override
    public NDList getObservation() {
        return position.observation(manager);
    }

    @Override
    public ActionSpace getActionSpace() {
        return position.actions(manager);
    }

    @Override
    public Step step(NDList action, boolean training) {
        Position before = position;
        position = before.after(action.singletonOrThrow().getInt());
        Step step = new Move(manager.newSubManager(), before, action, position, beginner);
        if (training) {
            steps.addStep(step);
        }
        return step;
    }

    @Override
    public Step[] getBatch() {
        return steps.getBatch();
    }

    @Override
    public void close() {
        manager.close();
    }

    /** A board, and whose turn it is. */
    private static final class Position {

        private final int[] board;
        private final int turn;

        Position(int[] board, int turn) {
            this.board = board;
            this.turn = turn;
        }

        NDList observation(NDManager manager) {
            return new NDList(manager.create(board), manager.create(turn));
        }

        ActionSpace actions(NDManager manager) {
            ActionSpace free = new ActionSpace();
            for (int i = 0; i < board.length; i++) {
                if (board[i] == 0) {
                    free.add(new NDList(manager.create(i)));
                }
            }
            return free;
        }

        Position after(int move) {
            if (board[move] != 0) {
                throw new IllegalArgumentException("The place " + move + " is taken");
            }
            int[] next = board.clone();
            next[move] = turn;
            return new Position(next, -turn);
        }

        int winner() {
            for (int[] line : LINES) {
                int first = board[line[0]];
                if (first != 0 && first == board[line[1]] && first == board[line[2]]) {
                    return first;
                }
            }
            return 0;
        }

        boolean isFull() {
            for (int place : board) {
                if (place == 0) {
                    return false;
                }
            }
            return true;
        }
    }

    /** One move of a game. */
    private record Move(NDManager manager, Position before, NDList action, Position after, int hero)
            implements Step {

        @Override
        public NDList getPreObservation() {
            return before.observation(manager);
        }

        @Override
        public NDList getAction() {
            return action;
        }

        @Override
        public NDList getPostObservation() {
            return after.observation(manager);
        }

        @Override
        public ActionSpace getPostActionSpace() {
            return after.actions(manager);
        }

        @Override
        public NDArray getReward() {
            return manager.create((float) (after.winner() * hero));
        }

        @Override
        public boolean isDone() {
            return after.winner() != 0 || after.isFull();
        }

        @Override
        public void close() {
            manager.close();
        }
    }
}
