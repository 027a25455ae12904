/** Finds strategies on the class path, surviving broken ones. */
@NullMarked
package dev.engram.djl.discovery;

import org.jspecify.annotations.NullMarked;
