package dev.engram.benchmark.cost;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** What each of many steps took: by the clock, and of the processor that ran its thread. */
final class LaneTimes {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final double[] clock;
    private final double[] processor;

    LaneTimes(int steps) {
        clock = new double[steps];
        processor = new double[steps];
    }

    /** Does a step, and keeps its times at a place. */
    void time(int place, Runnable step) {
        long used = THREADS.getCurrentThreadCpuTime();
        long begin = System.nanoTime();
        step.run();
        clock[place] = (System.nanoTime() - begin) / 1e6;
        processor[place] = (THREADS.getCurrentThreadCpuTime() - used) / 1e6;
    }

    /** Returns the median of the clock's milliseconds. */
    double median() {
        return StepTimes.median(clock);
    }

    /** Returns the median over blocks of steps of the ratio to other steps, by the clock. */
    double ratio(LaneTimes others, int block) {
        return StepTimes.medianRatio(clock, others.clock, block);
    }

    /** The same by the processor's time, which other programs on the machine hardly touch. */
    double processorRatio(LaneTimes others, int block) {
        return StepTimes.medianRatio(processor, others.processor, block);
    }
}
