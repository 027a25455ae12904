/** How DJL's own blocks are composed anew. */
@NullMarked
package dev.engram.kit.internal.compose;

import org.jspecify.annotations.NullMarked;
