/** How DJL's own blocks are composed anew. */
@NullMarked
package dev.engram.djl.internal.rewire;

import org.jspecify.annotations.NullMarked;
