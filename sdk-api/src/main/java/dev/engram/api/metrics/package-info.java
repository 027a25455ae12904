/** Retention in numbers: an accuracy matrix and what is computed from it, without an engine. */
@NullMarked
package dev.engram.api.metrics;

import org.jspecify.annotations.NullMarked;
