package dev.engram.tck;

import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.opentest4j.AssertionFailedError;
import org.opentest4j.TestAbortedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts the rule before what is said of its failing or being skipped: build tools show methods and
 * messages, and not what a test is called.
 */
final class RuleReport implements TestExecutionExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger("dev.engram.tck");
    private static final Pattern RULE = Pattern.compile("[A-Z]\\d+ (MUST|SHOULD): .+");
    private static final String ASSUMED = "Assumption failed: ";

    RuleReport() {}

    @Override
    public void handleTestExecutionException(ExtensionContext test, Throwable seen)
            throws Throwable {
        String rule = test.getDisplayName();
        if (seen instanceof VirtualMachineError || !RULE.matcher(rule).matches()) {
            throw seen;
        }
        throw seen instanceof TestAbortedException ? skipped(rule, seen) : broken(rule, seen);
    }

    private static Throwable skipped(String rule, Throwable seen) {
        String reason = String.valueOf(seen.getMessage());
        String plain = reason.startsWith(ASSUMED) ? reason.substring(ASSUMED.length()) : reason;
        LOG.info("Skipped: {}: {}", rule, plain);
        return like(
                seen, new TestAbortedException("%s: %s".formatted(rule, plain), seen.getCause()));
    }

    /** Whatever was thrown, a rule is broken; what is no assertion stays the cause. */
    private static Throwable broken(String rule, Throwable seen) {
        if (!(seen instanceof AssertionError)) {
            return new AssertionFailedError("%s: %s".formatted(rule, seen), seen);
        }
        String message = "%s: %s".formatted(rule, seen.getMessage());
        return like(seen, failure(message, seen));
    }

    private static AssertionFailedError failure(String message, Throwable seen) {
        return seen instanceof AssertionFailedError values
                        && values.isExpectedDefined()
                        && values.isActualDefined()
                ? new AssertionFailedError(
                        message,
                        values.getExpected().getEphemeralValue(),
                        values.getActual().getEphemeralValue(),
                        seen.getCause())
                : new AssertionFailedError(message, seen.getCause());
    }

    /** Returns an error as if it were thrown where another one was. */
    private static Throwable like(Throwable seen, Throwable told) {
        told.setStackTrace(seen.getStackTrace());
        for (Throwable more : seen.getSuppressed()) {
            told.addSuppressed(more);
        }
        return told;
    }
}
