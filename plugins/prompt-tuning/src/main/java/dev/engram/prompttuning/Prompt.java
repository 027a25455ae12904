package dev.engram.prompttuning;

import dev.engram.kit.compose.EmbeddingPrefix;

/** What a task puts in front of embeddings. */
interface Prompt extends EmbeddingPrefix, Part {}
