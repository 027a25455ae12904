package dev.engram.api.settings;

import dev.engram.api.Stable;
import java.util.Map;

/** The checked values of a strategy's settings, one for each setting that it declares. */
@Stable(since = "0.1", implementedBy = "Engram")
public interface Settings {

    /**
     * Returns the value of a setting: the one given, or its default.
     *
     * @throws IllegalArgumentException if the provider never declared the setting
     */
    <T> T get(Setting<T> setting);

    /** Returns whether a value was given; if not, {@link #get} returns the default. */
    boolean isSet(Setting<?> setting);

    /** Returns all values as text, in the order of declaration, for logs and manifests. */
    Map<String, String> asText();
}
