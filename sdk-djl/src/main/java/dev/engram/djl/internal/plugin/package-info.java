/**
 * What plug-ins made, as the runtime calls it: under a checked name, with errors that tell whose.
 */
@NullMarked
package dev.engram.djl.internal.plugin;

import org.jspecify.annotations.NullMarked;
