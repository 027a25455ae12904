package dev.engram.lora.peft;

import dev.engram.api.EngramException;
import java.util.Collection;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** How PEFT matches module paths: by names, by the ends of names, by regular expressions. */
final class ModulePattern {

    private static final int LONGEST = 1_000;

    private ModulePattern() {}

    /** Returns the first of the patterns that matches a path or what follows one of its dots. */
    static Optional<String> firstOf(Collection<String> patterns, String path) {
        return patterns.stream()
                .filter(pattern -> matches("(.*\\.)?(" + pattern + ")", path))
                .findFirst();
    }

    /** Returns whether a path is one of the names or ends with a dot and one of them. */
    static boolean endsWithName(Collection<String> names, String path) {
        return names.stream().anyMatch(name -> path.equals(name) || path.endsWith("." + name));
    }

    /**
     * Returns whether the whole path matches.
     *
     * @throws EngramException if it is no regular expression or takes far too long
     */
    static boolean matches(String pattern, String path) {
        try {
            return compiled(pattern).matcher(new BoundedText(pattern, path)).matches();
        } catch (StackOverflowError e) {
            // Java's matcher recurses; what a file asks for must not end the thread.
            throw new EngramException(
                    "The pattern %s is nested too deeply; write a simpler one".formatted(pattern),
                    e);
        }
    }

    private static Pattern compiled(String pattern) {
        if (pattern.length() > LONGEST) {
            throw new EngramException(
                    "The pattern %s… has %s characters; up to %s are read"
                            .formatted(pattern.substring(0, 80), pattern.length(), LONGEST));
        }
        try {
            return Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            throw new EngramException(
                    "%s is no regular expression that Java reads: %s"
                            .formatted(pattern, e.getDescription()),
                    e);
        }
    }

    /** A text that gives out: a pattern of a few characters can make a match take years. */
    private static final class BoundedText implements CharSequence {

        private final String pattern;
        private final String text;
        private int left = 1_000_000;

        BoundedText(String pattern, String text) {
            this.pattern = pattern;
            this.text = text;
        }

        @Override
        public char charAt(int index) {
            if (left-- == 0) {
                throw new EngramException(
                        "Matching %s against %s takes too long; write a simpler pattern"
                                .formatted(pattern, text));
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
