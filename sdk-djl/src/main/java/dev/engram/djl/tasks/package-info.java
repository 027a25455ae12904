/**
 * Parameters of its own for each task: overlays over a frozen base, and the registry that serves
 * several tasks over one base.
 */
@NullMarked
package dev.engram.djl.tasks;

import org.jspecify.annotations.NullMarked;
