/** The third contract: where samples of earlier tasks come from. */
@NullMarked
package dev.engram.api.replay;

import org.jspecify.annotations.NullMarked;
