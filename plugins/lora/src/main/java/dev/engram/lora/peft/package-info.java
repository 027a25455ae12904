/** Adapters in the file layout of Hugging Face's PEFT, both ways. */
@NullMarked
package dev.engram.lora.peft;

import org.jspecify.annotations.NullMarked;
