package dev.engram.finetune;

/**
 * How everything trains: models and adapters alike, so that they can be compared.
 *
 * @param steps training steps a task
 * @param batch images a step
 * @param rate of Adam
 * @param seed of everything random
 */
record Plan(int steps, int batch, float rate, int seed) {}
