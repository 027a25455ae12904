package dev.engram.generativereplay;

import java.util.List;

/** Something to draw from: parts, each of a class, and how many samples each was fitted to. */
interface Choosable {

    /** Returns the classes. */
    List<ClassOfTask> classes();

    /** Returns of each part its class. */
    List<Integer> owners();

    /** Returns of each part how many samples it was fitted to. */
    List<Long> weights();
}
