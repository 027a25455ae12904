/** The memory directory: what was learnt, written so that no crash can damage it. */
@NullMarked
package dev.engram.djl.memory;

import org.jspecify.annotations.NullMarked;
