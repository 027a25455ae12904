package dev.engram.replay.selection;

import dev.engram.api.Experimental;

/**
 * Which samples of a stream stay within a budget.
 *
 * <p>Every sample gets a random tag when it is observed, the same one when it comes again. A source
 * that holds more than its budget takes from its largest group the sample that leaves first, until
 * it fits. All but {@link #RESERVOIR} and {@link #HERDING} put samples of one class of one task
 * into a group; to know the class they read the labels on the host, one small transfer a batch that
 * waits for the device.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public enum Selection {
    /**
     * Every sample of the whole stream stays with the same probability, exactly, also after a
     * restore or an erasure: those with the lowest tags (bottom-k sampling; Cohen and Kaplan 2007).
     * Labels are not looked at. The same distribution as Vitter's algorithm R over samples that
     * come once each, however many epochs there are.
     */
    RESERVOIR,
    /**
     * As many samples of each class of each task as of the others, and within a class every sample
     * with the same probability (Chrysakis and Moens 2020).
     */
    CLASS_BALANCED,
    /**
     * The newest samples of each class of each task, equally many of each (Chaudhry et al. 2019,
     * "ring buffer").
     */
    RING,
    /**
     * Takes what comes as long as its class has less than its share, and makes room by removing at
     * random from the largest class (GDumb's sampler; Prabhu et al. 2020, algorithm 1).
     */
    GREEDY_BALANCED,
    /**
     * Chosen when a task ends, out of the samples that the listener kept: those whose mean of
     * features comes nearest to the mean of their class, in order of importance (iCaRL; Rebuffi et
     * al. 2017, algorithm 4).
     */
    HERDING
}
