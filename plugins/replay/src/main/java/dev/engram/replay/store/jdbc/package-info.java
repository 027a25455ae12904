/** Samples in a database that several processes may share. */
@NullMarked
package dev.engram.replay.store.jdbc;

import org.jspecify.annotations.NullMarked;
