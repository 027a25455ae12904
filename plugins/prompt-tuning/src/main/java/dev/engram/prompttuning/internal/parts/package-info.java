/** What a task brings before the inputs: vectors, and the places that they take. */
@NullMarked
package dev.engram.prompttuning.internal.parts;

import org.jspecify.annotations.NullMarked;
