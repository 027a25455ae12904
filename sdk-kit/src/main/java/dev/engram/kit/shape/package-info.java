/** Tells a model whose head has changed from another model. */
@NullMarked
package dev.engram.kit.shape;

import org.jspecify.annotations.NullMarked;
