/** The main job in one program: several tasks, one model, with and without the listener. */
@NullMarked
package dev.engram.quickstart;

import org.jspecify.annotations.NullMarked;
