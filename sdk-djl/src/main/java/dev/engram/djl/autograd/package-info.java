/** Operations that DJL offers, but not so that a gradient can rely on them. */
@NullMarked
package dev.engram.djl.autograd;

import org.jspecify.annotations.NullMarked;
