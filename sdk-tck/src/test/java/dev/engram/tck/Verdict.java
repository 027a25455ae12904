package dev.engram.tck;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs one rule of a contract and says how it ended. */
final class Verdict {

    private Verdict() {}

    /**
     * Returns the end of a rule, such as G3, or of the one that a fault is named after, such as
     * G3_STOPS: SUCCESSFUL, FAILED, or ABORTED where it was skipped.
     */
    static TestExecutionResult.Status of(Class<?> contract, String fault) {
        return end(contract, fault).getStatus();
    }

    /** Returns what a rule says that failed or was skipped. */
    static String message(Class<?> contract, String fault) {
        return end(contract, fault)
                .getThrowable()
                .map(Throwable::getMessage)
                .orElseThrow(() -> new AssertionError("it neither failed nor was skipped"));
    }

    private static TestExecutionResult end(Class<?> contract, String fault) {
        String rule = fault.replaceAll("_.*", "");
        Listening listening = new Listening();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectMethod(contract, method(contract, rule)))
                                .build(),
                        listening);
        return listening.ends.get(0);
    }

    private static Method method(Class<?> contract, String rule) {
        return Arrays.stream(contract.getSuperclass().getDeclaredMethods())
                .filter(method -> method.isAnnotationPresent(DisplayName.class))
                .filter(method -> name(method).startsWith(rule + " "))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no rule " + rule + " in " + contract));
    }

    private static String name(Method method) {
        return method.getAnnotation(DisplayName.class).value();
    }

    private static final class Listening implements TestExecutionListener {

        private final List<TestExecutionResult> ends = new ArrayList<>();

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (test.isTest()) {
                ends.add(result);
            }
        }
    }
}
