/** What of its inputs a convolution multiplies its kernels by. */
@NullMarked
package dev.engram.gradientprojection.internal.patches;

import org.jspecify.annotations.NullMarked;
