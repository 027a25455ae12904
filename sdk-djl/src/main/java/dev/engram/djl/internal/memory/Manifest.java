package dev.engram.djl.internal.memory;

import dev.engram.djl.memory.LearntTask;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What stands in {@code manifest.json}; field names are the file's. */
final class Manifest {

    static final String FORMAT = "engram-memory";
    static final int FORMAT_VERSION = 1;

    String format = FORMAT;
    int formatVersion = FORMAT_VERSION;
    String spiVersion = "";
    String created = "";
    long generation;
    List<LearntTask> tasks = new ArrayList<>();

    /** Empty in a manifest that was written before they were kept. */
    List<TaskWeights> weights = new ArrayList<>();

    Map<String, ParameterShape> parameters = new LinkedHashMap<>();
    Map<String, Map<String, String>> guards = new LinkedHashMap<>();

    /** Of those guards that state more than version 1 of a state without parts. */
    Map<String, GuardState> states = new LinkedHashMap<>();

    Map<String, FileSum> files = new LinkedHashMap<>();

    static final class ParameterShape {
        long[] shape = {};
        String dtype = "";

        /** Of the values; empty in a manifest that was written before they were summed. */
        String sha256 = "";
    }

    static final class FileSum {
        long bytes;
        String sha256 = "";
    }
}
