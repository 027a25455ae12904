package dev.engram.metalearning.internal.samples;

/**
 * A sample that is kept.
 *
 * @param pool where arrays of its shapes are
 * @param row there
 * @param subject whom it is about; empty where nobody said
 */
record KeptRow(int pool, int row, String task, String subject) {}
