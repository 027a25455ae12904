/** Whom samples are about, and the record of what was erased. */
@NullMarked
package dev.engram.djl.privacy;

import org.jspecify.annotations.NullMarked;
