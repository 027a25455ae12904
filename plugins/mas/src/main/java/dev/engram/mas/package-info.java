/**
 * Memory-aware synapses (Aljundi et al. 2018): importance without labels.
 *
 * <p>{@link dev.engram.mas.OutputSensitivity} says how much a task needs each parameter; the
 * penalty itself is {@link dev.engram.kit.penalty.QuadraticPenaltyGuard}; the provider puts them
 * together as {@code mas}.
 */
@NullMarked
package dev.engram.mas;

import org.jspecify.annotations.NullMarked;
