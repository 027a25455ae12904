/** Soft prompts, prefixes and prompt pools for each task over a frozen base. */
@NullMarked
package dev.engram.prompttuning;

import org.jspecify.annotations.NullMarked;
