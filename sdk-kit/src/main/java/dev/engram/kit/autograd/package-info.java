/** Operations that DJL offers, but not so that a gradient can rely on them. */
@NullMarked
package dev.engram.kit.autograd;

import org.jspecify.annotations.NullMarked;
