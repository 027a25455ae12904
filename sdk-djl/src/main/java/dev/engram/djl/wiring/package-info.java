/** Guice assembles the runtime; users who do not know Guice never see it. */
@NullMarked
package dev.engram.djl.wiring;

import org.jspecify.annotations.NullMarked;
