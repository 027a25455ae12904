package dev.engram.prompttuning;

import dev.engram.api.Stable;

/** A pool of prompts (L2P; Wang et al. 2022): each sample gets those whose keys are nearest. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class PromptPoolProvider extends PromptProvider {

    /** Called by {@code ServiceLoader}. */
    public PromptPoolProvider() {
        super(
                PromptMethod.PROMPT_POOL,
                "Prompt pool: each sample chooses among trained prompts by what the frozen base"
                        + " sees in it, so that it need not be said which task it belongs to.");
    }
}
