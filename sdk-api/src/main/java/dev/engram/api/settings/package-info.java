/** Typed settings: declared by a strategy, checked by the runtime, all problems at once. */
@NullMarked
package dev.engram.api.settings;

import org.jspecify.annotations.NullMarked;
