package dev.engram.assistant.corpus;

import java.util.List;

/**
 * One field that the assistant learns, such as banking.
 *
 * @param name its name
 * @param intents what can be meant in it
 * @param train sentences to learn from
 * @param test sentences that no training sees
 */
public record Domain(
        String name, List<String> intents, List<Sentence> train, List<Sentence> test) {}
