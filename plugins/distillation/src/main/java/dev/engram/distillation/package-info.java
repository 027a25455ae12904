/**
 * Distillation: while a task trains, the model is held to what it answered before.
 *
 * <p>{@link dev.engram.distillation.Distillation} is the guard: it owns a teacher, an earlier state
 * of the model, and adds how far the model's answers have gone from the teacher's to the loss of
 * each batch. The providers make it of settings as {@code lwf} (answers, teacher: the model before
 * the task), {@code kl} (answers, teacher: the base) and {@code feature-distillation}.
 */
@NullMarked
package dev.engram.distillation;

import org.jspecify.annotations.NullMarked;
