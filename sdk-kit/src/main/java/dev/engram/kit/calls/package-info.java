/** How a guard calls the plug-ins that it drives, so that their errors tell whose they are. */
@NullMarked
package dev.engram.kit.calls;

import org.jspecify.annotations.NullMarked;
