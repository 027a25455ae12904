package dev.engram.prompttuning;

import dev.engram.kit.compose.KeyValuePrefix;
import dev.engram.kit.compose.Place;
import dev.engram.prompttuning.internal.parts.Part;
import dev.engram.prompttuning.internal.parts.PartInsertion;
import dev.engram.prompttuning.internal.parts.Prefix;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Puts a prefix into each attention layer. */
final class PrefixInsertion implements PartInsertion {

    private final NewVectors fresh;
    private final Map<String, Part> prefixes = new LinkedHashMap<>();

    PrefixInsertion(NewVectors fresh) {
        this.fresh = fresh;
    }

    @Override
    public Map<String, Part> parts() {
        return prefixes;
    }

    @Override
    public List<String> problems() {
        return prefixes.isEmpty()
                ? List.of(
                        "prefixes go into attention layers of DJL; a graph read from a file has"
                                + " none of these, and takes prompt-tuning, lora or adapters")
                : List.of();
    }

    @Override
    public Set<Place> needs() {
        return Set.of(Place.KEYS_AND_VALUES);
    }

    @Override
    public Optional<KeyValuePrefix> keysAndValues(String path, long width) {
        int length = fresh.design().length();
        Prefix prefix =
                new Prefix(fresh.amongFeatures(length, width), fresh.amongFeatures(length, width));
        prefixes.put(path.isEmpty() ? "attention" : path, prefix);
        return Optional.of(prefix);
    }
}
