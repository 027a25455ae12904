package dev.engram.api.spi;

import dev.engram.api.Stable;

/** The version of the contracts in this artifact, as {@code major.minor}. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class SpiVersion {

    /**
     * The version at hand. It is a compile-time constant, so the compiler copies it into a
     * plug-in's class file: an old jar goes on telling the version that it was built for.
     */
    public static final String CURRENT = "1.0";

    private SpiVersion() {}

    /**
     * Returns whether a provider built for a version can run here: same major, any minor.
     *
     * <p>A newer minor is let in: a method that it needs and that is missing shows as a {@link
     * LinkageError}, which discovery reports with both versions.
     */
    public static boolean accepts(String builtFor) {
        return major(builtFor).equals(major(CURRENT));
    }

    private static String major(String version) {
        int dot = version.indexOf('.');
        return dot < 0 ? version : version.substring(0, dot);
    }
}
