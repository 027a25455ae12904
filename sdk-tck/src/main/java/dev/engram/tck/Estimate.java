package dev.engram.tck;

import ai.djl.ndarray.NDArray;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.importance.ImportanceEstimator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an estimator said of a finished task.
 *
 * @param parameters that trained
 * @param values by the parameter's name
 * @param misshapen parameters whose importance has another shape
 * @param elsewhere parameters whose importance does not belong to the scratch manager
 */
record Estimate(
        Set<String> parameters,
        Map<String, float[]> values,
        List<String> misshapen,
        List<String> elsewhere) {

    private static final double ROUNDING = 1e-5;

    static final Estimate NONE = new Estimate(Set.of(), Map.of(), List.of(), List.of());

    static Estimate by(ImportanceEstimator estimator, FinishedTask task) {
        Map<String, NDArray> found = estimator.estimate(task);
        Map<String, float[]> values = new LinkedHashMap<>();
        found.forEach((name, array) -> values.put(name, array.toFloatArray()));
        return new Estimate(
                new LinkedHashSet<>(task.parameters().stream().map(LiveParameter::name).toList()),
                values,
                task.parameters().stream()
                        .filter(parameter -> isMisshapen(parameter, found))
                        .map(LiveParameter::name)
                        .toList(),
                found.keySet().stream()
                        .filter(name -> isElsewhere(found.get(name), task))
                        .sorted()
                        .toList());
    }

    private static boolean isMisshapen(LiveParameter parameter, Map<String, NDArray> found) {
        NDArray importance = found.get(parameter.name());
        return importance != null && !importance.getShape().equals(parameter.value().getShape());
    }

    private static boolean isElsewhere(@Nullable NDArray importance, FinishedTask task) {
        return importance == null || importance.getManager() != task.scratch();
    }

    /**
     * Sums the importance of a parameter, of shape (hidden units, features), over some features.
     */
    double sumOfFeatures(String name, int from, int to) {
        float[] importance = values.getOrDefault(name, new float[0]);
        double sum = 0;
        for (int i = 0; i < importance.length; i++) {
            int feature = i % SmallTasks.FEATURES;
            sum += feature >= from && feature < to ? importance[i] : 0;
        }
        return sum;
    }

    /** Returns the parameters of which another estimate says something else. */
    List<String> differences(Estimate other) {
        return values.keySet().stream().filter(name -> !isClose(name, other)).sorted().toList();
    }

    private boolean isClose(String name, Estimate other) {
        float[] mine = values.getOrDefault(name, new float[0]);
        float[] its = other.values.getOrDefault(name, new float[0]);
        double size = 0;
        double way = mine.length == its.length ? 0 : Double.POSITIVE_INFINITY;
        for (int i = 0; i < Math.min(mine.length, its.length); i++) {
            size += Math.abs(mine[i]);
            way += Math.abs(mine[i] - its[i]);
        }
        return way <= ROUNDING * size;
    }
}
