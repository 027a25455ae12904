package dev.engram.assistant.encoder;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Turns a sentence into numbers without a vocabulary, so that no word of a later domain must be
 * known beforehand.
 *
 * <p>A word is the sum of three rows of one table: two hashes of the word, so that two words hardly
 * ever share both (Serrà and Karatzoglou 2017), and one of its beginning, so that "reserve" and
 * "reservation" have something in common. The numbers are the same on every machine.
 */
public final class HashedWords {

    /** Words of a sentence that count; those after are cut off. */
    public static final int LENGTH = 24;

    /** Rows that make a word. */
    public static final int HASHES = 3;

    /** The row of a place where no word is. */
    static final int PADDING = 0;

    /** The row of a word that is hidden from the model. */
    static final int HIDDEN = 1;

    private static final int RESERVED = 2;
    private static final int STEM = 5;
    private static final Pattern BETWEEN_WORDS = Pattern.compile("[^\\p{L}\\p{N}']+");
    private static final Pattern DIGIT = Pattern.compile("\\p{N}");

    private final int rows;

    /** Creates it for a table of so many rows. */
    public HashedWords(int rows) {
        this.rows = rows;
    }

    /** Returns the words of a sentence, in lower case, every digit as 0. */
    static List<String> words(String sentence) {
        return BETWEEN_WORDS
                .splitAsStream(sentence.toLowerCase(Locale.ROOT))
                .filter(word -> !word.isEmpty())
                .map(word -> DIGIT.matcher(word).replaceAll("0"))
                .limit(LENGTH)
                .toList();
    }

    /** Returns {@link #LENGTH} times {@link #HASHES} rows, padded at the end. */
    public long[] encode(String sentence) {
        long[] ids = new long[LENGTH * HASHES];
        Arrays.fill(ids, PADDING);
        List<String> words = words(sentence);
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            ids[i * HASHES] = row(word, 1);
            ids[i * HASHES + 1] = row(word, 2);
            ids[i * HASHES + 2] = row(word.substring(0, Math.min(STEM, word.length())), 3);
        }
        return ids;
    }

    /** FNV-1a, then the finisher of MurmurHash3: short words alike must lie far apart. */
    private long row(String word, int seed) {
        int hash = 0x811C9DC5 ^ (seed * 0x9E3779B1);
        for (int i = 0; i < word.length(); i++) {
            hash = (hash ^ word.charAt(i)) * 0x01000193;
        }
        hash = (hash ^ (hash >>> 16)) * 0x85EBCA6B;
        hash = (hash ^ (hash >>> 13)) * 0xC2B2AE35;
        return RESERVED + Integer.toUnsignedLong(hash ^ (hash >>> 16)) % (rows - RESERVED);
    }
}
