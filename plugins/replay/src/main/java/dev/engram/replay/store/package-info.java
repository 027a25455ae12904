/**
 * Where samples lie between their being observed and drawn: on the device, on disk, in a database.
 */
@NullMarked
package dev.engram.replay.store;

import org.jspecify.annotations.NullMarked;
