package dev.engram.prompttuning.internal.parts;

import dev.engram.kit.compose.EmbeddingPrefix;

/** What a task puts in front of embeddings. */
public interface Prompt extends EmbeddingPrefix, Part {}
