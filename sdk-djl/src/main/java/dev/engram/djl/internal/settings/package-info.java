/** Reads raw settings into checked ones. */
@NullMarked
package dev.engram.djl.internal.settings;

import org.jspecify.annotations.NullMarked;
