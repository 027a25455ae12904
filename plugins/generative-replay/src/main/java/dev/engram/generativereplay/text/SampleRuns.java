package dev.engram.generativereplay.text;

import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.SampleBatch;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The runs of tokens in samples of a task, which no text that is kept may have.
 *
 * @param run of how many tokens
 */
record SampleRuns(Set<IntBuffer> known, int run) {

    private static final int AT_ONCE = 64;

    /** Reads the samples; waits for the device. */
    static SampleRuns of(FinishedTask task, int run) {
        Set<IntBuffer> known = new HashSet<>();
        for (SampleBatch batch : task.samples(AT_ONCE)) {
            for (int[] sample : samples(batch)) {
                known.addAll(Text.runs(sample, run));
            }
        }
        return new SampleRuns(known, run);
    }

    /** Returns the tokens of each sample, and where it has labels the last of them, too. */
    private static List<int[]> samples(SampleBatch batch) {
        int length = Math.toIntExact(batch.data().head().getShape().get(1));
        long[] tokens = KnownTask.numbers(batch.data());
        long[] labels = batch.labels().isEmpty() ? tokens : KnownTask.numbers(batch.labels());
        List<int[]> samples = new ArrayList<>();
        for (int from = 0; from < tokens.length; from += length) {
            long[] sample = Arrays.copyOfRange(tokens, from, from + length + 1);
            sample[length] = labels[from + length - 1];
            samples.add(Arrays.stream(sample).mapToInt(token -> (int) token).toArray());
        }
        return samples;
    }

    /** Returns the texts that have none of them. */
    List<Text> without(List<Text> texts) {
        return texts.stream().filter(text -> !isIn(text)).toList();
    }

    private boolean isIn(Text text) {
        return Text.runs(text.tokens(), run).stream().anyMatch(known::contains);
    }
}
