/**
 * The contracts of the SPI as tests: a plug-in extends the one of what it ships, in its own test
 * sources, and says how to make it.
 *
 * <p>Each rule has a number, such as G5, which {@code docs/writing-a-plugin.md} explains. What a
 * plug-in cannot do it declares by a method of the contract; the test is then skipped, saying so.
 */
@NullMarked
package dev.engram.tck;

import org.jspecify.annotations.NullMarked;
