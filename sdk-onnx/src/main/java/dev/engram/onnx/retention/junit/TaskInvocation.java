package dev.engram.onnx.retention.junit;

import dev.engram.onnx.retention.PairedComparison;
import dev.engram.onnx.retention.RetentionLimit;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;

/** The test of one task: fails before the method's body where the limit is broken. */
record TaskInvocation(PairedComparison seen, RetentionLimit limit)
        implements TestTemplateInvocationContext, BeforeTestExecutionCallback, ParameterResolver {

    @Override
    public String getDisplayName(int invocation) {
        return String.format(
                Locale.ROOT,
                "%s: %.1f %% -> %.1f %%",
                seen.task(),
                100 * seen.before(),
                100 * seen.after());
    }

    @Override
    public List<Extension> getAdditionalExtensions() {
        return List.of(this);
    }

    @Override
    public void beforeTestExecution(ExtensionContext context) {
        if (limit.isBrokenBy(seen)) {
            throw new AssertionError("The new model forgot.\n  - " + seen.describe(limit));
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == PairedComparison.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return seen;
    }
}
