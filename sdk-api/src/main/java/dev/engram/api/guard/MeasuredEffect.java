package dev.engram.api.guard;

/** The only implementation of {@link GuardEffect}. */
record MeasuredEffect(double penalty, double gradientShare, double heldShare, double updateShare)
        implements GuardEffect {}
