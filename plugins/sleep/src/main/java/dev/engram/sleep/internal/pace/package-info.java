/** How far a sleep is, and when it must end. */
@NullMarked
package dev.engram.sleep.internal.pace;

import org.jspecify.annotations.NullMarked;
