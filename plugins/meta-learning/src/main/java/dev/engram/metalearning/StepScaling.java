package dev.engram.metalearning;

/** What the strategies of this module have in common. */
final class StepScaling {

    /** Two that scale steps would scale each other's. */
    static final String ROLE = "step-scaling";

    private StepScaling() {}
}
