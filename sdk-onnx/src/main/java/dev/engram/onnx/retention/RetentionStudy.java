package dev.engram.onnx.retention;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Judges deployed models, the oldest first, by the samples of tasks: did the new file forget?
 *
 * <p>The tasks are given in the order in which they were learnt, and each model says which of them
 * it was the first to have learnt. A builder that is run; not safe for concurrent use.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class RetentionStudy {

    private static final int BATCH = 64;

    private final Map<String, TaskSamples> tasks = new LinkedHashMap<>();
    private final List<Stage> stages = new ArrayList<>();
    private AnswerRule rule = AnswerRule.highestScore();
    private String output = "";
    private int batchSize = BATCH;
    private int threads;

    /** Adds a task; the order is that of learning. */
    public RetentionStudy addTask(TaskSamples samples) {
        if (tasks.putIfAbsent(samples.task(), samples) != null) {
            throw new EngramException("The task %s is given twice".formatted(samples.task()));
        }
        return this;
    }

    /**
     * Adds the next model.
     *
     * @param learnt the tasks that it has learnt and its predecessors had not, at least one
     */
    public RetentionStudy addModel(DeployedModel model, String... learnt) {
        stages.add(new Stage(model, List.of(learnt)));
        return this;
    }

    /** Sets which output holds the scores; by default the first. */
    public RetentionStudy optOutput(String name) {
        this.output = name;
        return this;
    }

    /** Sets what counts as right; by default that the label has the highest score. */
    public RetentionStudy optRule(AnswerRule answers) {
        this.rule = answers;
        return this;
    }

    /**
     * Sets how many samples run at once, 64 by default; the file's own number where that is fixed.
     */
    public RetentionStudy optBatchSize(int samples) {
        if (samples < 1) {
            throw new EngramException("A batch has at least one sample; seen: " + samples);
        }
        this.batchSize = samples;
        return this;
    }

    /** Sets how many threads one operator may use; by default ONNX Runtime chooses. */
    public RetentionStudy optThreads(int number) {
        this.threads = number;
        return this;
    }

    /**
     * Judges all models by all tasks, one model in memory at a time.
     *
     * @throws EngramException if the models do not say how the tasks were learnt; if one does not
     *     run, or gives NaN; if a label is none of the classes that it scores
     */
    public RetentionFindings run() {
        requireOrder();
        TaskEvaluator judge = new TaskEvaluator(output, rule, batchSize);
        RetentionFindings findings = new RetentionFindings(tasks.keySet());
        for (Stage stage : stages) {
            Map<String, Answers> answers = new LinkedHashMap<>();
            try (OpenModel open = OpenModel.open(stage.model(), threads)) {
                for (TaskSamples samples : tasks.values()) {
                    answers.put(samples.task(), judge.answers(samples, open));
                }
            }
            findings.add(stage.model().name(), stage.learnt(), answers);
        }
        return findings;
    }

    private void requireOrder() {
        List<String> learnt = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        for (Stage stage : stages) {
            learnt.addAll(stage.learnt());
            String name = stage.model().name();
            if (stage.learnt().isEmpty() || !names.add(name)) {
                throw new EngramException(
                        "The model %s must have a name of its own and at least one task that it learnt"
                                .formatted(name));
            }
        }
        List<String> given = List.copyOf(tasks.keySet());
        if (learnt.isEmpty() || !given.equals(learnt)) {
            throw new EngramException(
                    "The tasks are %s, the models learnt %s: each task must be learnt once, in the same order"
                            .formatted(given, learnt));
        }
    }

    private record Stage(DeployedModel model, List<String> learnt) {}
}
