/** Random features: their weights from a seed, and layers with given values. */
@NullMarked
package dev.engram.analytic.internal.features;

import org.jspecify.annotations.NullMarked;
