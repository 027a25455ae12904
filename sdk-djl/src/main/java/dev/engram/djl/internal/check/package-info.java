/** What is refused or warned of before it trains: loops, engines, heads, inputs. */
@NullMarked
package dev.engram.djl.internal.check;

import org.jspecify.annotations.NullMarked;
