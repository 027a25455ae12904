package dev.engram.generativereplay.text;

import dev.engram.api.Experimental;
import dev.engram.api.InvalidOptionException;
import java.util.HashMap;
import java.util.Map;

/** Builds a {@link SelfRehearsal}. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class SelfRehearsalBuilder {

    private final Map<String, Integer> firstTokens = new HashMap<>();
    private int texts = 256;
    private int length = Integer.MAX_VALUE;
    private double oversampling = 1.5;
    private double temperature = 1;
    private int top = 20;
    private double unlikely = 0.1;
    private int run = 4;
    private double repeated = 0.3;
    private double shared = 0.5;
    private int groups = 20;
    private int startToken = Author.ANYWHERE;
    private int padding = -1;
    private boolean answers;
    private boolean keep;
    private int longestCopy = 7;
    private long seed = 1;

    SelfRehearsalBuilder() {}

    /**
     * Sets how many texts there are to rehearse: of all earlier tasks together, with {@link
     * #optKeep} of each; 256 unless set.
     */
    public SelfRehearsalBuilder optTexts(int texts) {
        this.texts = texts;
        return this;
    }

    /**
     * Sets how many tokens a text has at most; as many as the samples unless set. Fewer are written
     * faster, and the model must take them.
     */
    public SelfRehearsalBuilder optLength(int tokens) {
        this.length = tokens;
        return this;
    }

    /** Sets how many times as many are written, to choose from; 1.5 unless set. */
    public SelfRehearsalBuilder optOversampling(double times) {
        this.oversampling = times;
        return this;
    }

    /** Sets by what scores are divided before a token is drawn; 1 unless set. */
    public SelfRehearsalBuilder optTemperature(double temperature) {
        this.temperature = temperature;
        return this;
    }

    /** Sets among how many of the likeliest a token is drawn, 0: all; 20 unless set. */
    public SelfRehearsalBuilder optTop(int tokens) {
        this.top = tokens;
        return this;
    }

    /** Sets the share left out of the texts that the model finds least likely; 0.1 unless set. */
    public SelfRehearsalBuilder optUnlikely(double share) {
        this.unlikely = share;
        return this;
    }

    /** Sets how many tokens make a run, by which repetition is told; 4 unless set. */
    public SelfRehearsalBuilder optRun(int tokens) {
        this.run = tokens;
        return this;
    }

    /** Sets the share of its runs that a text may have said before; 0.3 unless set. */
    public SelfRehearsalBuilder optRepeated(double share) {
        this.repeated = share;
        return this;
    }

    /** Sets the share of their runs that two texts may have in common; 0.5 unless set. */
    public SelfRehearsalBuilder optShared(double share) {
        this.shared = share;
        return this;
    }

    /** Sets into how many groups texts fall, all of which are picked from; 20 unless set. */
    public SelfRehearsalBuilder optGroups(int groups) {
        this.groups = groups;
        return this;
    }

    /** Sets the token that texts of a task begin with, as its samples do. */
    public SelfRehearsalBuilder optFirstToken(String task, int token) {
        firstTokens.put(task, token);
        return this;
    }

    /**
     * Sets the token that all other texts begin with; unless set they begin anywhere, with a token
     * that the model wrote after others.
     */
    public SelfRehearsalBuilder optStartToken(int token) {
        this.startToken = token;
        return this;
    }

    /** Sets a token that only fills texts up, and counts as no repetition; none unless set. */
    public SelfRehearsalBuilder optPadding(int token) {
        this.padding = token;
        return this;
    }

    /**
     * Sets whether the texts go with what the model answered to them before the task began, as dark
     * experience replay needs it: texts times length times vocabulary numbers while it trains; no
     * unless set.
     */
    public SelfRehearsalBuilder optAnswers(boolean answers) {
        this.answers = answers;
        return this;
    }

    /**
     * Sets whether a task's texts are written when it ends and kept, as token numbers, for all
     * later tasks; no unless set: they are written anew before each task, and nothing is kept.
     */
    public SelfRehearsalBuilder optKeep(boolean keep) {
        this.keep = keep;
        return this;
    }

    /**
     * Sets how many tokens in a row a text that is kept may have in common with a sample of its
     * task, of those that the listener has, 0: any number; 7 unless set.
     */
    public SelfRehearsalBuilder optLongestCopy(int tokens) {
        this.longestCopy = tokens;
        return this;
    }

    /** Sets the seed of all that is drawn; 1 unless set. */
    public SelfRehearsalBuilder optSeed(long seed) {
        this.seed = seed;
        return this;
    }

    /**
     * Builds the source.
     *
     * @throws InvalidOptionException if an option is out of bounds
     */
    public SelfRehearsal build() {
        TextBounds.require("optTexts", texts, 1, 1_000_000);
        TextBounds.require("optLength", length, 2, Integer.MAX_VALUE);
        TextBounds.require("optOversampling", oversampling, 1, 100);
        TextBounds.require("optTemperature", temperature, 0.01, 100);
        TextBounds.require("optTop", top, 0, Integer.MAX_VALUE);
        TextBounds.require("optUnlikely", unlikely, 0, 0.9);
        TextBounds.require("optRun", run, 1, 1000);
        TextBounds.require("optRepeated", repeated, 0, 1);
        TextBounds.require("optShared", shared, 0, 1);
        TextBounds.require("optGroups", groups, 1, 10_000);
        TextBounds.require("optLongestCopy", longestCopy, 0, 1_000_000);
        Sieve sieve = new Sieve(unlikely, run, repeated, shared, padding);
        TokenChoice choice = new TokenChoice(temperature, top);
        TextOptions options =
                new TextOptions(
                        texts,
                        length,
                        Map.copyOf(firstTokens),
                        startToken,
                        answers,
                        keep,
                        longestCopy,
                        seed);
        return new SelfRehearsal(
                options, new Writing(choice, oversampling, sieve, new Spread(groups)));
    }
}
