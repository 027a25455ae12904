package dev.engram.replay.internal.records;

/** What is to be done about records or files that are not as they were. */
public final class DamageAdvice {

    /** Ends every message of damage; to begin anew in silence is not what it offers. */
    public static final String TEXT =
            "Restore its directory from a backup. Without one, move it away: a listener with a"
                + " memory directory (optMemory) then says which tasks have lost their samples, and"
                + " how to go on without them";

    private DamageAdvice() {}
}
