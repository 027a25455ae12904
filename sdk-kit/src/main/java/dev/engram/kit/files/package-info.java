/** Files that survive crashes and betray damage: safetensors, checksums, what is on the disk. */
@NullMarked
package dev.engram.kit.files;

import org.jspecify.annotations.NullMarked;
