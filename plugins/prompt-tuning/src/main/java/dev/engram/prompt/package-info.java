/** Soft prompts, prefixes and prompt pools for each task over a frozen base. */
@NullMarked
package dev.engram.prompt;

import org.jspecify.annotations.NullMarked;
