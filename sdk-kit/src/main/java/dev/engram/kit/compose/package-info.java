/** Composing blocks anew around the same parameters, with something put inside. */
@NullMarked
package dev.engram.kit.compose;

import org.jspecify.annotations.NullMarked;
