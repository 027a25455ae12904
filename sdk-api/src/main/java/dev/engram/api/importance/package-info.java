/** The second contract: how much earlier tasks need each parameter. */
@NullMarked
package dev.engram.api.importance;

import org.jspecify.annotations.NullMarked;
