/**
 * Text: a small language model of characters learns plays and then requests, and what it still
 * knows of the plays is measured.
 */
@NullMarked
package dev.engram.benchmark.text;

import org.jspecify.annotations.NullMarked;
