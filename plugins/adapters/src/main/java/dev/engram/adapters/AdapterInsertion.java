package dev.engram.adapters;

import ai.djl.nn.Block;
import dev.engram.kit.compose.Composition;
import dev.engram.kit.compose.Insertion;
import dev.engram.kit.compose.Place;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/** Puts an adapter at each place that a placement, or a list of names, asks for. */
final class AdapterInsertion implements Insertion {

    /** Makes the adapter of a place. */
    interface Source {
        Adapter adapter(String place, long width);
    }

    private final Set<Place> places;
    private final Set<String> after;
    private final Source source;
    private final Map<String, Adapter> adapters = new LinkedHashMap<>();
    private final Set<String> children = new LinkedHashSet<>();

    /**
     * @param places where adapters go in layers that are known
     * @param after the paths of children of sequences; instead of the places, unless empty
     */
    AdapterInsertion(Set<Place> places, Set<String> after, Source source) {
        this.places = after.isEmpty() ? places : Set.of();
        this.after = after;
        this.source = source;
    }

    /** Returns the adapters made, by place, in the order of the model. */
    Map<String, Adapter> adapters() {
        return adapters;
    }

    /** Returns what is wrong with the names, and what to name if the model has no other place. */
    List<String> problems(boolean nowhere) {
        List<String> unknown = after.stream().filter(name -> !children.contains(name)).toList();
        if (unknown.isEmpty() && !nowhere) {
            return List.of();
        }
        String candidates = children.isEmpty() ? "none" : String.join(", ", children);
        String names =
                unknown.isEmpty()
                        ? "the setting \"after\" names nothing"
                        : "the setting \"after\" names what is not there: "
                                + String.join(", ", unknown);
        return List.of(
                names
                        + "; it could name children of sequences or layers of a graph: "
                        + candidates);
    }

    @Override
    public Set<Place> needs() {
        return places;
    }

    @Override
    public Optional<Block> afterAttention(String path, long width) {
        return places.contains(Place.AFTER_ATTENTION)
                ? at(Composition.join(path, "attention"), width)
                : Optional.empty();
    }

    @Override
    public Optional<Block> afterFeedForward(String path, long width) {
        return places.contains(Place.AFTER_FEED_FORWARD)
                ? at(Composition.join(path, "feedForward"), width)
                : Optional.empty();
    }

    @Override
    public Optional<Block> afterChild(String path, LongSupplier width) {
        children.add(path);
        return after.contains(path)
                ? at(Composition.join(path, "after"), width.getAsLong())
                : Optional.empty();
    }

    private Optional<Block> at(String place, long width) {
        Adapter adapter = source.adapter(place, width);
        adapters.put(place, adapter);
        return Optional.of(adapter);
    }
}
