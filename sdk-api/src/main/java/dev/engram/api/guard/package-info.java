/** The first contract: a guard protects earlier tasks while a new one trains. */
@NullMarked
package dev.engram.api.guard;

import org.jspecify.annotations.NullMarked;
