package dev.engram.kit.overlay;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.util.Pair;
import dev.engram.api.EngramException;
import dev.engram.api.Stable;
import dev.engram.api.isolation.BaseModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Finds parameters of a base by what a user wrote.
 *
 * <p>A list of patterns, separated by commas, each one of: {@code query} (a path name, or that of
 * its layer, which is the path without {@code _weight} or {@code .weight}, ends so), {@code
 * regex:.*attention.*} (the whole path name matches), {@code type:Linear} (the layer is a block of
 * this class, or of this type in a {@link LayeredBlock}, whose layers' names count, too). A pattern
 * that matches nothing is an error that lists what could match.
 */
@Stable(since = "0.1", implementedBy = "nobody")
public final class Targets {

    /** Stands, in a setting, for what suits most models. */
    public static final String AUTO = "auto";

    private static final int LISTED = 40;
    private static final Pattern LAST_NAME = Pattern.compile("[_.][^_.]*$");

    private final BaseModel base;
    private final Map<String, String> types = new LinkedHashMap<>();
    private final Map<String, LayerUse> uses = new LinkedHashMap<>();
    private final Set<String> queriesAndValues = new LinkedHashSet<>();
    private final Set<String> tokenHeads = new LinkedHashSet<>();
    private @Nullable String tokenEmbeddings;

    /** Looks at a base. */
    public Targets(BaseModel base) {
        this.base = base;
        collect(base.block(), "");
    }

    /** Returns the path of a parameter's layer: {@code 01Linear} for {@code 01Linear_weight}. */
    public static String layer(String path) {
        return LAST_NAME.matcher(path).replaceFirst("");
    }

    /**
     * Returns the class name of the block that owns a parameter, or the type of its layer in a
     * {@link LayeredBlock}; empty if it cannot be seen.
     */
    public String type(String path) {
        LayerUse use = uses.get(path);
        return use == null ? types.getOrDefault(path, "") : use.type();
    }

    /** Returns what a {@link LayeredBlock} says of a parameter. */
    public Optional<LayerUse> use(String path) {
        return Optional.ofNullable(uses.get(path));
    }

    /**
     * Returns the path of the first parameter that a {@link LayeredBlock} calls token embeddings.
     */
    public Optional<String> tokenEmbeddings() {
        return Optional.ofNullable(tokenEmbeddings);
    }

    /** Returns the paths of all parameters that {@link LayeredBlock#queriesAndValues} names. */
    public Set<String> queriesAndValues() {
        return Set.copyOf(queriesAndValues);
    }

    /** Returns the paths of all parameters that {@link LayeredBlock#tokenHeads} names. */
    public Set<String> tokenHeads() {
        return Set.copyOf(tokenHeads);
    }

    /**
     * Returns the path names that patterns find, in the model's order.
     *
     * @param setting how messages name the patterns
     * @param eligible which parameters may be found at all
     * @throws EngramException for every pattern that finds nothing
     */
    public List<String> find(String setting, String patterns, Predicate<Parameter> eligible) {
        List<String> candidates = new ArrayList<>();
        for (Pair<String, Parameter> entry : base.parameters()) {
            if (eligible.test(entry.getValue())) {
                candidates.add(entry.getKey());
            }
        }
        List<Predicate<String>> wanted = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (String pattern : patterns.split(",", -1)) {
            Predicate<String> matches = matcher(setting, pattern.strip());
            wanted.add(matches);
            if (candidates.stream().noneMatch(matches)) {
                problems.add("%s = \"%s\" matches nothing".formatted(setting, pattern.strip()));
            }
        }
        if (!problems.isEmpty()) {
            throw new EngramException(
                    "%s.\nWhat could match: %s"
                            .formatted(String.join("\n", problems), listing(candidates)));
        }
        return candidates.stream()
                .filter(path -> wanted.stream().anyMatch(one -> one.test(path)))
                .toList();
    }

    /**
     * Returns the path names of what each task has as a whole copy, by the setting {@code owned}:
     * {@link #AUTO} for the {@link #head}, empty for nothing, or patterns.
     *
     * @throws EngramException for every pattern that finds nothing
     */
    public List<String> owned(String setting) {
        if (setting.equals(AUTO)) {
            return head();
        }
        return setting.isEmpty() ? List.of() : find("owned", setting, any -> true);
    }

    /**
     * Returns the path names of the head: of the last layer of a {@code SequentialBlock}, if that
     * is linear, from which a task's classes are read; empty if there is none.
     */
    public List<String> head() {
        String path = head(base.block(), "");
        return path.isEmpty()
                ? List.of()
                : base.parameters().keys().stream().filter(n -> n.startsWith(path)).toList();
    }

    private static String head(Block block, String prefix) {
        if (!(block instanceof SequentialBlock) || block.getChildren().isEmpty()) {
            return "";
        }
        Pair<String, Block> last = block.getChildren().get(block.getChildren().size() - 1);
        String path = prefix + last.getKey() + "_";
        return last.getValue() instanceof Linear ? path : head(last.getValue(), path);
    }

    private Predicate<String> matcher(String setting, String pattern) {
        if (pattern.startsWith("type:")) {
            String type = pattern.substring("type:".length());
            return path -> type(path).equals(type);
        }
        if (pattern.startsWith("regex:")) {
            try {
                return Pattern.compile(pattern.substring("regex:".length())).asMatchPredicate();
            } catch (PatternSyntaxException e) {
                throw new EngramException(
                        "%s = \"%s\" is no regular expression: %s"
                                .formatted(setting, pattern, e.getMessage()),
                        e);
            }
        }
        return path ->
                path.endsWith(pattern)
                        || layer(path).endsWith(pattern)
                        || use(path).filter(use -> isNamed(use, pattern)).isPresent();
    }

    private static boolean isNamed(LayerUse use, String pattern) {
        return use.name().endsWith(pattern) || use.module().endsWith(pattern);
    }

    private String listing(List<String> candidates) {
        List<String> shown = new ArrayList<>();
        for (String path : candidates.subList(0, Math.min(LISTED, candidates.size()))) {
            String type = type(path);
            String name = use(path).map(Targets::named).orElse("");
            shown.add(type.isEmpty() ? path : path + " (type:" + type + name + ")");
        }
        int more = candidates.size() - shown.size();
        return String.join(", ", shown) + (more > 0 ? " and %d more".formatted(more) : "");
    }

    private static String named(LayerUse use) {
        String module = use.module();
        boolean tells = !module.isEmpty() && !module.equals(use.name());
        return ", layer " + use.name() + (tells ? ", module " + module : "");
    }

    private void collect(Block block, String prefix) {
        if (block instanceof LayeredBlock layered) {
            collect(layered, prefix);
        }
        for (Pair<String, Parameter> own : block.getDirectParameters()) {
            types.put(prefix + own.getKey(), block.getClass().getSimpleName());
            if (block instanceof LayeredBlock layered) {
                layered.layerOf(own.getKey())
                        .ifPresent(use -> uses.put(prefix + own.getKey(), use));
            }
        }
        for (Pair<String, Block> child : block.getChildren()) {
            collect(child.getValue(), prefix + child.getKey() + "_");
        }
    }

    private void collect(LayeredBlock layered, String prefix) {
        if (tokenEmbeddings == null) {
            tokenEmbeddings = layered.tokenEmbeddings().map(prefix::concat).orElse(null);
        }
        layered.queriesAndValues().forEach(own -> queriesAndValues.add(prefix + own));
        layered.tokenHeads().forEach(own -> tokenHeads.add(prefix + own));
    }
}
