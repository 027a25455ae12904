package dev.engram.scenarios;

/** What is known of the task at test time (van de Ven and Tolias 2019). */
public enum Scenario {
    /** Task-incremental: the task is known; only its own outputs count. */
    TASK,
    /** Domain-incremental: all tasks share the same outputs. */
    DOMAIN,
    /** Class-incremental: every task brings new outputs and the task is not known. */
    CLASS
}
