/** The fourth contract: parameters of its own for each task, over a frozen base. */
@NullMarked
package dev.engram.api.isolation;

import org.jspecify.annotations.NullMarked;
