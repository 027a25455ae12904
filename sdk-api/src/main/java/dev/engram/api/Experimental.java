package dev.engram.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a type that may still change in any release; pin the exact version if you use it. */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface Experimental {

    /** Returns the Engram version that first had the type. */
    String since();

    /**
     * Returns who implements the type: {@code "plug-ins"}, {@code "Engram"} or {@code "nobody"}.
     */
    String implementedBy();
}
