package dev.engram.prompttuning;

import dev.engram.api.Stable;

/** Soft prompts (Lester et al. 2021): trained vectors in front of the tokens. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class PromptTuningProvider extends PromptProvider {

    /** Called by {@code ServiceLoader}. */
    public PromptTuningProvider() {
        super(
                PromptMethod.PROMPT_TUNING,
                "Prompt tuning: a few trained vectors in front of the tokens of a frozen base for"
                        + " each task, which forgets nothing; the smallest tasks of all, for large"
                        + " bases.");
    }
}
