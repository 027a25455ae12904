package dev.engram.prompt;

import dev.engram.djl.rewire.EmbeddingPrefix;

/** What a task puts in front of embeddings. */
interface Prompt extends EmbeddingPrefix, Part {}
