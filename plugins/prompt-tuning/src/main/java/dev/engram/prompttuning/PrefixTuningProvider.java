package dev.engram.prompttuning;

import dev.engram.api.Stable;

/** Prefixes (Li &amp; Liang 2021): trained keys and values in front of those of each attention. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class PrefixTuningProvider extends PromptProvider {

    /** Called by {@code ServiceLoader}. */
    public PrefixTuningProvider() {
        super(
                PromptMethod.PREFIX_TUNING,
                "Prefix tuning: trained keys and values in each attention layer of a frozen base"
                    + " for each task, which forgets nothing; more to learn with than prompts.");
    }
}
