/** How a strategy is found and created: one provider a strategy, found by {@code ServiceLoader}. */
@NullMarked
package dev.engram.api.spi;

import org.jspecify.annotations.NullMarked;
