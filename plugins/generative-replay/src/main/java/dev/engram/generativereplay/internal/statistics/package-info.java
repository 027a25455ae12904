/** What is found out of samples, and the chance by which others are made. */
@NullMarked
package dev.engram.generativereplay.internal.statistics;

import org.jspecify.annotations.NullMarked;
