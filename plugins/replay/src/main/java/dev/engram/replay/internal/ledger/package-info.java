/** Which samples are kept: an account of keys on the host, without any array. */
@NullMarked
package dev.engram.replay.internal.ledger;

import org.jspecify.annotations.NullMarked;
