/**
 * What the samples share: data in MNIST format or drawn, sequences of tasks, and the training run.
 */
@NullMarked
package dev.engram.scenarios;

import org.jspecify.annotations.NullMarked;
