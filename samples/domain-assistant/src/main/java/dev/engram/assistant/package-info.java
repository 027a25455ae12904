/** Text, the everyday case: an assistant that learns one domain of intents after the other. */
@NullMarked
package dev.engram.assistant;

import org.jspecify.annotations.NullMarked;
