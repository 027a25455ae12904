package dev.engram.scenarios.images;

import dev.engram.scenarios.command.BadInputException;

/** Images to learn from and images to test on. */
public record TrainAndTest(Images train, Images test) {

    /**
     * Returns a split on which settings are chosen: the last training images are tested on, the
     * others learnt from, and the test images seen by nobody.
     *
     * @param heldOut how many of the training images are tested on
     * @throws BadInputException if nothing would be left to learn from
     */
    public TrainAndTest validation(int heldOut) {
        if (heldOut < 1 || heldOut >= train.count()) {
            throw new BadInputException(
                    "%s images cannot be held out of %s".formatted(heldOut, train.count()));
        }
        int kept = train.count() - heldOut;
        return new TrainAndTest(train.range(0, kept), train.range(kept, train.count()));
    }

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
