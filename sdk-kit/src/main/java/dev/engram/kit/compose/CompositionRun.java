package dev.engram.kit.compose;

import ai.djl.nn.Block;
import ai.djl.nn.core.Linear;
import ai.djl.util.Pair;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/** One way through a model, from the root to the layers. */
final class CompositionRun implements Composition {

    private final KnownBlocks known;
    private final Insertion insertion;
    private final boolean always;
    private final BlocksSeen seen = new BlocksSeen();
    private final Set<SeenPlace> places = new LinkedHashSet<>();
    private final Set<SeenPlace> outOfReach = new LinkedHashSet<>();
    private int insertions;
    private int mended;

    /**
     * @param always whether known blocks are composed anew even where nothing is put inside
     */
    CompositionRun(KnownBlocks known, Insertion insertion, boolean always) {
        this.known = known;
        this.insertion = insertion;
        this.always = always;
    }

    int insertions() {
        return insertions;
    }

    ComposedModel result(Block block) {
        return new FinishedComposition(
                block,
                FinishedComposition.problems(insertion.needs(), places, outOfReach),
                seen.inWords(known.failures()));
    }

    @Override
    public Block child(String path, Block child) {
        if (child.getClass() == Linear.class) {
            seen.linear(path, child);
            return count(Place.LINEAR, path, insertion.linear(path, (Linear) child)).orElse(child);
        }
        Optional<BlockComposer> composer = known.of(child);
        seen.block(path, child, composer.isPresent());
        if (composer.isEmpty()) {
            lookInside(path, child);
            return child;
        }
        int before = insertions + mended;
        mended += composer.get().mends() ? 1 : 0;
        Block anew = composer.get().compose(child, path, this);
        return always || insertions + mended > before ? anew : child;
    }

    @Override
    public Optional<LinearUpdate> linearUpdate(String weight, boolean isOutputFirst) {
        return count(Place.LINEAR, weight, insertion.linearUpdate(weight, isOutputFirst));
    }

    @Override
    public Optional<Block> afterAttention(String path, long width) {
        return count(Place.AFTER_ATTENTION, path, insertion.afterAttention(path, width));
    }

    @Override
    public Optional<Block> afterFeedForward(String path, long width) {
        return count(Place.AFTER_FEED_FORWARD, path, insertion.afterFeedForward(path, width));
    }

    @Override
    public Optional<KeyValuePrefix> keysAndValues(String path, long width) {
        return count(Place.KEYS_AND_VALUES, path, insertion.keysAndValues(path, width));
    }

    @Override
    public Optional<EmbeddingPrefix> embeddings(String path, long width) {
        return count(Place.EMBEDDINGS, path, insertion.embeddings(path, width));
    }

    @Override
    public Optional<Block> afterChild(String path, LongSupplier width) {
        return count(Place.AFTER_CHILD, path, insertion.afterChild(path, width));
    }

    private <T> Optional<T> count(Place place, String path, Optional<T> inserted) {
        places.add(new SeenPlace(place, path, ""));
        inserted.ifPresent(any -> insertions++);
        return inserted;
    }

    /** Finds the places inside a block that stays as it is, to tell of them. */
    private void lookInside(String path, Block unknown) {
        String in = "\"%s\" (%s)".formatted(path, unknown.getClass().getName());
        for (Pair<String, Block> child : unknown.getChildren()) {
            CompositionRun inside = new CompositionRun(known, new Insertion() {}, false);
            inside.child(Composition.join(path, child.getKey()), child.getValue());
            seen.addAll(inside.seen);
            inside.places.forEach(p -> outOfReach.add(new SeenPlace(p.place(), p.path(), in)));
            outOfReach.addAll(inside.outOfReach);
        }
    }
}
