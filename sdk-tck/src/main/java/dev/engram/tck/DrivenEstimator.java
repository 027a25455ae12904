package dev.engram.tck;

import ai.djl.Model;
import ai.djl.training.Trainer;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.djl.ForgettingListener;

/** An estimator that listens to trainings as under a penalty, which here edits nothing. */
final class DrivenEstimator implements AutoCloseable {

    private final ForgettingListener listener;
    private Estimate last = Estimate.NONE;

    DrivenEstimator(ImportanceEstimator estimator) {
        this.listener = ForgettingListener.builder().addGuard(new Driving(estimator)).build();
    }

    /** Trains a task, which ends with an estimate. */
    Estimate fit(Model model, int task, int epochs) {
        SmallTasks.fit(model, task, epochs, listener);
        return last;
    }

    /** Begins a task and breaks it off; the model's values are put back. */
    void breakOff(Model model, int task) {
        BrokenTask.train(model, task, listener);
    }

    /** Returns a trainer that the estimator listens to. */
    Trainer trainer(Model model) {
        return SmallTasks.trainer(model, listener);
    }

    @Override
    public void close() {
        listener.close();
    }

    private final class Driving extends FinishedTaskProbe {

        private final ImportanceEstimator estimator;

        Driving(ImportanceEstimator estimator) {
            super(task -> last = Estimate.by(estimator, task));
            this.estimator = estimator;
        }

        @Override
        public boolean needsSamples() {
            return estimator.needsSamples();
        }

        @Override
        public void onTaskBegin(TrainingView training) {
            estimator.onTaskBegin(training);
        }

        @Override
        public void onParametersChanged(TrainingView training) {
            estimator.onParametersChanged(training);
        }

        @Override
        public void onGradient(StepView step) {
            estimator.onBackward(step);
        }

        @Override
        public void onStep(TrainingView training) {
            estimator.onStep(training);
        }

        @Override
        public void onEpoch(TrainingView training) {
            estimator.onEpoch(training);
        }

        @Override
        public void close() {
            estimator.close();
        }
    }
}
