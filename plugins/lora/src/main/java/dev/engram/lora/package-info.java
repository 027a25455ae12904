/** Low-rank adaptation, DoRA and IA3: a few parameters for each task over a frozen base. */
@NullMarked
package dev.engram.lora;

import org.jspecify.annotations.NullMarked;
