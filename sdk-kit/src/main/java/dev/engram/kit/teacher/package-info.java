/** Earlier states of a model that a guard learns from. */
@NullMarked
package dev.engram.kit.teacher;

import org.jspecify.annotations.NullMarked;
