package dev.engram.api.settings;

/** Turns a raw value into a typed one; any {@link RuntimeException} means "not acceptable". */
interface Reader<T> {

    T read(String text);
}
