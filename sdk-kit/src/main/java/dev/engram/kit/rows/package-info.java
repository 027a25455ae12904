/** Rows of arrays kept in place: the building block of whatever keeps samples on a device. */
@NullMarked
package dev.engram.kit.rows;

import org.jspecify.annotations.NullMarked;
