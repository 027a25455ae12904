/** The closed forms: a linear layer from sums, by ridge regression, discriminants or means. */
@NullMarked
package dev.engram.analytic.internal.closedform;

import org.jspecify.annotations.NullMarked;
