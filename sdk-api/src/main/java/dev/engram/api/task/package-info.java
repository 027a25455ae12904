/** A task: the unit in which a model learns and must not forget. */
@NullMarked
package dev.engram.api.task;

import org.jspecify.annotations.NullMarked;
