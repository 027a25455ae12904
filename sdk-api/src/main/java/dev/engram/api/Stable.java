package dev.engram.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a type that changes incompatibly only with the next major version of the SPI. */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface Stable {

    /** Returns the Engram version that first had the type. */
    String since();

    /**
     * Returns who implements the type: {@code "plug-ins"} (it grows by default methods only),
     * {@code "Engram"} (plug-ins receive it) or {@code "nobody"} (a final class).
     */
    String implementedBy();
}
