/** Domains learnt one after the other, and what each strategy keeps of them. */
@NullMarked
package dev.engram.assistant.training;

import org.jspecify.annotations.NullMarked;
