/** Images: read from IDX files, drawn, kept on a device. */
@NullMarked
package dev.engram.scenarios.images;

import org.jspecify.annotations.NullMarked;
