package dev.engram.onnx.retention.junit;

import dev.engram.onnx.retention.DeployedModel;
import dev.engram.onnx.retention.PairedComparison;
import dev.engram.onnx.retention.RetentionFindings;
import dev.engram.onnx.retention.RetentionLimit;
import dev.engram.onnx.retention.RetentionStudy;
import dev.engram.onnx.retention.TaskSamples;
import java.util.List;
import java.util.stream.Stream;
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
                new RetentionLimit(test.allowedPoints(), test.confidence(), test.proofRequired());
        RetentionSubject subject = ReflectionSupport.newInstance(test.value());
        return comparisons(subject).stream().map(seen -> new TaskInvocation(seen, limit));
    }

    private static List<PairedComparison> comparisons(RetentionSubject subject) {
        List<TaskSamples> tasks = subject.tasks();
        if (tasks.isEmpty()) {
            throw new ExtensionConfigurationException(
                    subject.getClass().getName() + " gives no tasks: nothing would be tested");
        }
        RetentionFindings before = judge(subject, subject.before(), tasks);
        RetentionFindings after = judge(subject, subject.after(), tasks);
        return tasks.stream()
                .map(TaskSamples::task)
                .map(
                        task ->
                                before.answers(subject.before().name(), task)
                                        .comparedWith(after.answers(subject.after().name(), task)))
                .toList();
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
