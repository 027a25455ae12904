/** How strategies are read from settings, checked and made. */
@NullMarked
package dev.engram.djl.internal.wiring;

import org.jspecify.annotations.NullMarked;
