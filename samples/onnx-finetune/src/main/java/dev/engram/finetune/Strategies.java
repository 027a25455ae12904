package dev.engram.finetune;

import dev.engram.djl.ForgettingListener;
import dev.engram.scenarios.Presets;
import dev.engram.scenarios.Scenario;
import dev.engram.scenarios.command.BadInputException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The strategies that are compared, and what their files are called. */
final class Strategies {

    static final String NONE = "none";
    private static final String PROTOCOL = "onnx-finetune";

    private final Set<String> names;
    private final Presets presets;

    /** Refuses what could not run, before anything trains. */
    Strategies(List<String> names, Presets presets) {
        this.names = new LinkedHashSet<>(names);
        this.presets = presets;
        presets.requireUsed(names);
        for (String name : names) {
            requireGuardsWeights(name);
        }
        if (this.names.stream().allMatch(NONE::equals)) {
            throw new BadInputException(
                    "--strategies %s: give one that guards, too, such as none,ewc-online"
                            .formatted(names));
        }
    }

    Set<String> names() {
        return names;
    }

    /** Returns whether it is the one whose file gets the adapters: the first that guards. */
    boolean isMain(String name) {
        return name.equals(names.stream().filter(n -> !n.equals(NONE)).findFirst().orElse(NONE));
    }

    /** Returns the name of the strategy's file, without its ending. */
    String file(String name) {
        return name.equals(NONE) ? "unguarded" : isMain(name) ? "guarded" : "guarded-" + name;
    }

    /** Returns what the strategy is set to. */
    Map<String, Map<String, String>> settings(String name) {
        return name.equals(NONE) ? Map.of() : presets.settings(PROTOCOL, Scenario.DOMAIN, name);
    }

    /** Returns a new listener, or nothing where nothing guards. */
    @Nullable ForgettingListener listener(String name) {
        if (name.equals(NONE)) {
            return null;
        }
        ForgettingListener.Builder builder = ForgettingListener.builder();
        settings(name).forEach(builder::addStrategy);
        return builder.build();
    }

    private void requireGuardsWeights(String name) {
        try (ForgettingListener listener = listener(name)) {
            if (listener != null && listener.isolates()) {
                throw new BadInputException(
                        "%s leaves the file's weights as they are; an adapter for each task is trained in any case, so give strategies that guard weights, such as ewc-online or er"
                                .formatted(name));
            }
        }
    }
}
