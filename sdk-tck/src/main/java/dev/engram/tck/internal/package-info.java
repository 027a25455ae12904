/** What the contracts look with; not for plug-ins. */
@NullMarked
package dev.engram.tck.internal;

import org.jspecify.annotations.NullMarked;
