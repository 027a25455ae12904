package dev.engram.kit.compose;

/**
 * A place in a model.
 *
 * @param inside the block that hides it, or empty
 */
record SeenPlace(Place place, String path, String inside) {}
