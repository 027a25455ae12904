/** The door to what a listener keeps, for what works on a model between its trainings. */
@NullMarked
package dev.engram.api.sleep;

import org.jspecify.annotations.NullMarked;
