/**
 * Where samples lie between their being observed and drawn: what a store promises, and the one in
 * the device's memory. Others lie in {@code disk} and {@code jdbc}.
 */
@NullMarked
package dev.engram.replay.store;

import org.jspecify.annotations.NullMarked;
