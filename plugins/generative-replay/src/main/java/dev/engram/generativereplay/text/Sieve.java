package dev.engram.generativereplay.text;

import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Drops texts that are no good example of what a model knows.
 *
 * @param unlikely share that goes of those that the model itself finds least likely
 * @param run so many tokens in a row are looked at
 * @param repeated share of such runs that may be there before in the same text
 * @param shared share of the runs of two texts that both may have
 * @param padding a token that counts for nothing, -1: none
 */
record Sieve(double unlikely, int run, double repeated, double shared, int padding) {

    /** What is left, in the order in which it was written, and how many went for which reason. */
    record Left(List<Text> texts, int unlikely, int repetitive, int doubled) {}

    Left of(List<Text> written) {
        int likely = written.size() - (int) Math.floor(unlikely * written.size());
        List<Text> kept = likeliest(written, likely);
        int before = kept.size();
        kept.removeIf(text -> text.repeated(run, padding) > repeated);
        int several = kept.size();
        List<Text> different = different(kept);
        return new Left(
                different, written.size() - before, before - several, several - different.size());
    }

    private List<Text> likeliest(List<Text> written, int count) {
        List<Text> sorted = new ArrayList<>(written);
        sorted.sort(Comparator.comparingDouble(text -> text.perplexity(padding)));
        double most = sorted.isEmpty() ? 0 : sorted.get(count - 1).perplexity(padding);
        List<Text> kept = new ArrayList<>();
        for (Text text : written) {
            if (kept.size() < count && text.perplexity(padding) <= most) {
                kept.add(text);
            }
        }
        return kept;
    }

    /** Of texts that have much in common the first stays. */
    private List<Text> different(List<Text> texts) {
        List<Text> kept = new ArrayList<>();
        List<Integer> sizes = new ArrayList<>();
        Map<IntBuffer, List<Integer>> whose = new HashMap<>();
        for (Text text : texts) {
            Set<IntBuffer> runs = text.runs(run, padding);
            if (!isKnown(runs, sizes, whose)) {
                int number = kept.size();
                runs.forEach(
                        one -> whose.computeIfAbsent(one, none -> new ArrayList<>()).add(number));
                kept.add(text);
                sizes.add(runs.size());
            }
        }
        return kept;
    }

    private boolean isKnown(
            Set<IntBuffer> runs, List<Integer> sizes, Map<IntBuffer, List<Integer>> whose) {
        Map<Integer, Integer> common = new HashMap<>();
        for (IntBuffer one : runs) {
            whose.getOrDefault(one, List.of())
                    .forEach(other -> common.merge(other, 1, Integer::sum));
        }
        return common.entrySet().stream()
                .anyMatch(
                        both -> {
                            int all = runs.size() + sizes.get(both.getKey()) - both.getValue();
                            return (double) both.getValue() / all > shared;
                        });
    }
}
