/** How an erasure goes on past what fails. */
@NullMarked
package dev.engram.djl.internal.privacy;

import org.jspecify.annotations.NullMarked;
