/** Retention as a JUnit 5 test; needs {@code junit-jupiter-api} on the test's class path. */
@NullMarked
package dev.engram.onnx.retention.junit;

import org.jspecify.annotations.NullMarked;
