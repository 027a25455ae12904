package dev.engram.scenarios;

/** Images to learn from and images to test on. */
public record TrainAndTest(Images train, Images test) {}
