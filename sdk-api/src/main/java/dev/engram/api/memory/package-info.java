/** What a guard writes down to outlive the process, and reads back. */
@NullMarked
package dev.engram.api.memory;

import org.jspecify.annotations.NullMarked;
