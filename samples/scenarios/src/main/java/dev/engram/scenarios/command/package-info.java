/** How a command of the samples ends: done, or with one line that says what to change. */
@NullMarked
package dev.engram.scenarios.command;

import org.jspecify.annotations.NullMarked;
