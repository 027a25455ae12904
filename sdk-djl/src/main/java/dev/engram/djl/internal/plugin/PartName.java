package dev.engram.djl.internal.plugin;

import dev.engram.api.EngramException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a plug-in may name its parts: names become file names, so that they must mean the same file
 * on every system, and never one outside of their folder.
 */
public final class PartName {

    /** Under which Engram itself keeps things; no part of a plug-in's bears it. */
    public static final String OWN = "engram";

    private static final Pattern ACCEPTED = Pattern.compile("[a-z0-9][a-z0-9-]{0,63}");

    /** Windows keeps these for devices, also where a dot and more follow. */
    private static final Pattern RESERVED = Pattern.compile("con|prn|aux|nul|(com|lpt)[0-9]");

    private PartName() {}

    /** Returns whether a name is acceptable. */
    public static boolean accepts(@Nullable String name) {
        return name != null
                && ACCEPTED.matcher(name).matches()
                && !RESERVED.matcher(name).matches();
    }

    /** Returns what to write, to complete the phrase "write ...". */
    public static String accepted() {
        return "1 to 64 lower-case letters a-z, digits and hyphens, such as \"my-guard\", and none"
                + " of the device names of Windows, such as \"con\"";
    }

    /**
     * Returns the name.
     *
     * @param what says what bears it, to begin a sentence
     * @throws EngramException if it is not acceptable
     */
    public static String require(String what, @Nullable String name) {
        if (name == null || !accepts(name)) {
            throw new EngramException(
                    "%s is named %s; its name becomes a file name: write %s"
                            .formatted(what, quote(name), accepted()));
        }
        return name;
    }

    private static String quote(@Nullable String name) {
        return name == null ? "null" : '"' + name + '"';
    }
}
