/**
 * The strategies by id: {@code er}, {@code a-gem}, {@code der}, {@code der-plus-plus}, {@code
 * er-ace}.
 */
@NullMarked
package dev.engram.replay.strategy;

import org.jspecify.annotations.NullMarked;
