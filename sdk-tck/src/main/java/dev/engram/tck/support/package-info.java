/** What the tests of strategies share beside the contracts: models, what the log says, arrows. */
@NullMarked
package dev.engram.tck.support;

import org.jspecify.annotations.NullMarked;
