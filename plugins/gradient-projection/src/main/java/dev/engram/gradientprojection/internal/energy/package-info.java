/** How much of what a layer is fed goes into which direction. */
@NullMarked
package dev.engram.gradientprojection.internal.energy;

import org.jspecify.annotations.NullMarked;
