/** The small encoder of sentences, and how it is trained beforehand. */
@NullMarked
package dev.engram.assistant.encoder;

import org.jspecify.annotations.NullMarked;
