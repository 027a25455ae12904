package dev.engram.onnx.retention.junit;

import dev.engram.onnx.retention.Answers;
import dev.engram.onnx.retention.DeployedModel;
import dev.engram.onnx.retention.PairedComparison;
import dev.engram.onnx.retention.RetentionFindings;
import dev.engram.onnx.retention.RetentionLimit;
import dev.engram.onnx.retention.RetentionStudy;
import dev.engram.onnx.retention.TaskSamples;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.ReflectionSupport;

/** Runs both models once, and then the test method for each task. */
final class RetentionExtension implements TestTemplateInvocationContextProvider {

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return AnnotationSupport.isAnnotated(context.getTestMethod(), RetentionTest.class);
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
            ExtensionContext context) {
        RetentionTest test =
                AnnotationSupport.findAnnotation(context.getTestMethod(), RetentionTest.class)
                        .orElseThrow();
        RetentionLimit limit =
                RetentionLimit.of(test.allowedPoints(), test.confidence(), test.proofRequired());
        RetentionSubject subject = ReflectionSupport.newInstance(test.value());
        return comparisons(subject).stream().map(seen -> new TaskInvocation(seen, limit));
    }

    private static List<PairedComparison> comparisons(RetentionSubject subject) {
        List<TaskSamples> tasks = given(subject, "tasks", subject.tasks());
        if (tasks.isEmpty()) {
            throw refused(subject, "gives no tasks: nothing would be tested");
        }
        DeployedModel before = given(subject, "before", subject.before());
        DeployedModel after = given(subject, "after", subject.after());
        RetentionFindings old = judge(subject, before, tasks);
        RetentionFindings fresh = judge(subject, after, tasks);
        requireDifferent(subject, before, after);
        List<PairedComparison> comparisons = new ArrayList<>();
        for (TaskSamples task : tasks) {
            Answers then = old.answers(before.name(), task.task());
            comparisons.add(then.comparedWith(fresh.answers(after.name(), task.task())));
        }
        return comparisons;
    }

    private static void requireDifferent(
            RetentionSubject subject, DeployedModel before, DeployedModel after) {
        if (before.isSameAs(after)) {
            throw refused(
                    subject,
                    "compares %s with a file of the same bytes, %s: nothing can be forgotten, and nothing would be tested. Give the released model and its successor"
                            .formatted(before.file(), after.file()));
        }
    }

    /** Subjects may be written where nothing checks for null. */
    private static <T> T given(RetentionSubject subject, String method, @Nullable T value) {
        if (value == null) {
            throw refused(subject, method + "() returned null; what is tested must be given");
        }
        return value;
    }

    private static ExtensionConfigurationException refused(RetentionSubject subject, String why) {
        return new ExtensionConfigurationException(subject.getClass().getName() + " " + why);
    }

    private static RetentionFindings judge(
            RetentionSubject subject, DeployedModel model, List<TaskSamples> tasks) {
        RetentionStudy study =
                new RetentionStudy().optOutput(subject.output()).optBatchSize(subject.batchSize());
        tasks.forEach(study::addTask);
        return study.addModel(model, tasks.stream().map(TaskSamples::task).toArray(String[]::new))
                .run();
    }
}
