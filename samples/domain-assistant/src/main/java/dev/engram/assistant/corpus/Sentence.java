package dev.engram.assistant.corpus;

/**
 * What a user said, and what it meant.
 *
 * @param text the words
 * @param intent index among the intents of its domain
 */
public record Sentence(String text, int intent) {}
