package dev.engram.scenarios;

/** Images to learn from and images to test on. */
public record TrainAndTest(Images train, Images test) {

    /** Returns both with the mean of the training pixels as 0 and their deviation as 1. */
    public TrainAndTest standardised() {
        double sum = 0;
        double squares = 0;
        for (float pixel : train.pixels()) {
            sum += pixel;
            squares += pixel * pixel;
        }
        double mean = sum / train.pixels().length;
        double deviation = Math.sqrt(squares / train.pixels().length - mean * mean);
        return new TrainAndTest(
                train.standardised(mean, deviation), test.standardised(mean, deviation));
    }
}
