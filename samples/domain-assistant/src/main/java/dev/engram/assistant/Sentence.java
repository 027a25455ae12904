package dev.engram.assistant;

/**
 * What a user said, and what it meant.
 *
 * @param text the words
 * @param intent index among the intents of its domain
 */
record Sentence(String text, int intent) {}
