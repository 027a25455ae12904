package ${package};

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.training.EasyTrain;
import ai.djl.training.Trainer;
import ai.djl.training.listener.TrainingListener;
import dev.engram.djl.ForgettingListener;
import dev.engram.tck.SmallTasks;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The strategy as its users have it, by its id, beside the same training without it. */
class TwoTasksTest {

    /** What is tried besides the defaults; it is printed, and nothing is asked of it. */
    private static final List<Map<String, ?>> TRIED =
#if( $kind == "importance" )
            List.of(Map.of("lambda", 0.01), Map.of("lambda", 1));
#else
            List.of(Map.of("strength", 0.003), Map.of("strength", 0.3));
#end

    private static final int[] EPOCHS = {10, 40};

    @Test
    void theFirstTaskStaysWhileTheSecondIsLearnt() throws Exception {
        double[] without = accuracies();
        print("without", without);
        double[] with = accuraciesWith(Map.of());
        for (Map<String, ?> settings : TRIED) {
            accuraciesWith(settings);
        }
        assertThat(with[0])
                .as("the first task, with the defaults: if the others do no better, it does not act")
                .isGreaterThan(without[0] + 0.02);
        assertThat(with[1]).as("the second task, which must still be learnt").isGreaterThan(0.5);
    }

    private static double[] accuraciesWith(Map<String, ?> settings) throws Exception {
        try (ForgettingListener listener =
                ForgettingListener.builder().addStrategy("${strategyId}", settings).build()) {
            double[] accuracies = accuracies(listener);
            print("with ${strategyId} " + settings, accuracies);
            return accuracies;
        }
    }

    /** Trains one task after the other, and returns what the model then knows of each. */
    private static double[] accuracies(TrainingListener... listeners) throws Exception {
        try (Model model = SmallTasks.model()) {
            train(model, 0, listeners);
            train(model, 1, listeners);
            return new double[] {SmallTasks.accuracy(model, 0), SmallTasks.accuracy(model, 1)};
        }
    }

    /** An ordinary training of DJL; the strategy is in it as a listener of the trainer. */
    private static void train(Model model, int task, TrainingListener... listeners)
            throws Exception {
        try (NDManager manager = model.getNDManager().newSubManager();
                Trainer trainer = SmallTasks.trainer(model, listeners)) {
            EasyTrain.fit(trainer, EPOCHS[task], SmallTasks.dataset(manager, task), null);
        }
    }

    private static void print(String how, double[] accuracies) {
        System.out.printf(
                Locale.ROOT,
                "after two tasks, %s: first %.2f, second %.2f (chance 0.25)%n",
                how,
                accuracies[0],
                accuracies[1]);
    }
}
