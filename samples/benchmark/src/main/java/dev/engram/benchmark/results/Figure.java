package dev.engram.benchmark.results;

/** What a table shows of a run. */
enum Figure {
    /** The mean over the tasks at the end. */
    ACCURACY("average accuracy, %"),
    /** What earlier tasks lost since their best, on average. */
    FORGOTTEN("forgotten, %");

    private final String heading;

    Figure(String heading) {
        this.heading = heading;
    }

    String heading() {
        return heading;
    }

    double of(RunResult run) {
        if (this == ACCURACY) {
            return run.accuracy();
        }
        return run.meanForgetting == null ? Double.NaN : run.meanForgetting;
    }
}
