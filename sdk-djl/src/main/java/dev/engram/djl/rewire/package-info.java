/** Composing blocks anew around the same parameters, with something put inside. */
@NullMarked
package dev.engram.djl.rewire;

import org.jspecify.annotations.NullMarked;
