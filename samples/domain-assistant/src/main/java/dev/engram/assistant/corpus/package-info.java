/** Sentences, their intents and domains, and the order in which they come. */
@NullMarked
package dev.engram.assistant.corpus;

import org.jspecify.annotations.NullMarked;
