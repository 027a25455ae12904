/** What providers of strategies share, and how they are found. */
@NullMarked
package dev.engram.kit.provider;

import org.jspecify.annotations.NullMarked;
