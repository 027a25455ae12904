package dev.engram.kit.compose;

import dev.engram.api.Stable;

/** The kinds of places in a model where something can be put; more may come in any release. */
@Stable(since = "0.1", implementedBy = "nobody")
public enum Place {
    /** A linear layer, which may be replaced. */
    LINEAR("at a linear layer"),

    /** The output of an attention layer, before it is added to the residual. */
    AFTER_ATTENTION("after attention"),

    /** The output of a feed-forward layer, before it is added to the residual. */
    AFTER_FEED_FORWARD("after feed-forward"),

    /** The projected keys and values of an attention layer. */
    KEYS_AND_VALUES("in front of the keys and values of attention"),

    /** The embeddings of a block that embeds and transforms a sequence, such as a BERT. */
    EMBEDDINGS("in front of the embeddings"),

    /** The output of any child of a sequence. */
    AFTER_CHILD("after a child of a sequence");

    private final String words;

    Place(String words) {
        this.words = words;
    }

    /** Returns the place in words, such as "after attention". */
    @Override
    public String toString() {
        return words;
    }
}
