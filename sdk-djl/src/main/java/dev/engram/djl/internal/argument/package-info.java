/** What callers give, checked where they give it. */
@NullMarked
package dev.engram.djl.internal.argument;

import org.jspecify.annotations.NullMarked;
