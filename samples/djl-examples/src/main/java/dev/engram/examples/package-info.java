/**
 * The trainings of DJL's own examples, each with a second task and one line added.
 *
 * <p>Every class is built as DJL's example of the same name is: the same kind of block, loss,
 * listeners and loop, so that what trains here trains there. Data are read from a folder or drawn.
 */
@NullMarked
package dev.engram.examples;

import org.jspecify.annotations.NullMarked;
