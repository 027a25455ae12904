package dev.engram.onnx.retention.junit;

import dev.engram.api.Experimental;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that runs once for each task and fails where the new model fell too far behind the old.
 *
 * <p>The build fails, too, where the two models are one: where all their files have the same bytes.
 *
 * <p>The method may take a {@link dev.engram.onnx.retention.PairedComparison}; its body may be
 * empty.
 *
 * <pre>{@code
 * @RetentionTest(value = Release.class, allowedPoints = 1, confidence = 0.95)
 * void noTaskIsForgotten(PairedComparison task) {}
 * }</pre>
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(RetentionExtension.class)
@Experimental(since = "0.1", implementedBy = "nobody")
public @interface RetentionTest {

    /** Returns what is compared. */
    Class<? extends RetentionSubject> value();

    /** Returns how many points of accuracy a task may lose. */
    double allowedPoints();

    /** Returns how sure a verdict must be, above 0.5 and below 1. */
    double confidence() default 0.95;

    /**
     * Returns whether a task fails, too, of which the samples cannot show that it holds. Otherwise
     * few samples make the test lenient.
     */
    boolean proofRequired() default false;
}
