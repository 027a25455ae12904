package dev.engram.release;

import java.util.ArrayList;
import java.util.List;

/**
 * The part of a page between two marks, {@code <!-- name -->} and {@code <!-- /name -->}, that code
 * says; all else is written by hand.
 */
record GeneratedPart(String name) {

    String begin() {
        return "<!-- " + name + " -->";
    }

    String end() {
        return "<!-- /" + name + " -->";
    }

    /** Returns a page with this part made anew; marks that are missing are an error. */
    List<String> replaced(List<String> page, List<String> made) {
        int from = page.indexOf(begin());
        int to = page.indexOf(end());
        if (from < 0 || to < from) {
            throw new AssertionError(
                    "%s lacks the lines %s and %s".formatted(page.get(0), begin(), end()));
        }
        List<String> lines = new ArrayList<>(page.subList(0, from + 1));
        lines.addAll(made);
        lines.addAll(page.subList(to, page.size()));
        return lines;
    }
}
