/** The parameters of a model that is trained, as they are now. */
@NullMarked
package dev.engram.djl.internal.parameters;

import org.jspecify.annotations.NullMarked;
