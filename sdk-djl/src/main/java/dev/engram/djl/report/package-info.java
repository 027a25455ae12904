/** Retention to look at: JSON, CSV and a page that needs no network. */
@NullMarked
package dev.engram.djl.report;

import org.jspecify.annotations.NullMarked;
