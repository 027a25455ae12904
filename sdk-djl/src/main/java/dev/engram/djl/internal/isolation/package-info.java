/** How isolation is installed on a model and driven by a training. */
@NullMarked
package dev.engram.djl.internal.isolation;

import org.jspecify.annotations.NullMarked;
