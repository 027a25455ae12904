package dev.engram.kit.calls;

import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.spi.SpiVersion;
import java.security.CodeSource;
import org.jspecify.annotations.Nullable;

/** Where a class of a plug-in is from. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Origin {

    private final Class<?> type;
    private final @Nullable String builtFor;

    private Origin(Class<?> type, @Nullable String builtFor) {
        this.type = type;
        this.builtFor = builtFor;
    }

    /**
     * Returns the origin with these values.
     *
     * @param type the class
     * @param builtFor the version of the SPI that its provider was built for, if that is known
     */
    public static Origin of(Class<?> type, @Nullable String builtFor) {
        return new Origin(type, builtFor);
    }

    /** Returns the class. */
    public Class<?> type() {
        return type;
    }

    /** Returns the version of the SPI that its provider was built for, if that is known. */
    public @Nullable String builtFor() {
        return builtFor;
    }

    /** Returns the class, its jar or folder, and the versions that met. */
    @Override
    public String toString() {
        String spi = builtFor == null ? "" : ", built for SPI " + builtFor;
        return "%s%s%s%s; this is Engram%s with SPI %s"
                .formatted(
                        type.getName(),
                        place(type),
                        version(type),
                        spi,
                        version(EngramException.class),
                        SpiVersion.CURRENT);
    }

    /** Returns the class and its jar or folder. */
    public String place() {
        return type.getName() + place(type);
    }

    private static String place(Class<?> type) {
        CodeSource source = type.getProtectionDomain().getCodeSource();
        return source == null ? "" : " in " + source.getLocation();
    }

    private static String version(Class<?> type) {
        Package home = type.getPackage();
        String version = home == null ? null : home.getImplementationVersion();
        return version == null ? "" : " " + version;
    }
}
