/** The same domains on a pretrained MiniLM, whose embeddings stay as they are. */
@NullMarked
package dev.engram.assistant.minilm;

import org.jspecify.annotations.NullMarked;
