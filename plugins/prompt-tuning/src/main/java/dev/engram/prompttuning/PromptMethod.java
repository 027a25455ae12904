package dev.engram.prompttuning;

/** The three strategies. */
enum PromptMethod {
    PROMPT_TUNING("prompt-tuning"),
    PREFIX_TUNING("prefix-tuning"),
    PROMPT_POOL("prompt-pool");

    private final String id;

    PromptMethod(String id) {
        this.id = id;
    }

    String id() {
        return id;
    }
}
