package dev.engram.adapters;

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.kit.overlay.Targets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The settings of strategy {@code adapters}. */
final class AdapterSettings {

    static final Setting<Integer> BOTTLENECK =
            Setting.integer(
                    "bottleneck",
                    32,
                    1,
                    65_536,
                    "The width between an adapter's two projections: what a task can learn, and"
                            + " costs.");
    static final Setting<Placement> PLACEMENT =
            Setting.choice(
                    "placement",
                    Placement.PFEIFFER,
                    "Adapters after feed-forward only, or after attention too.");
    static final Setting<AdapterActivation> ACTIVATION =
            Setting.choice(
                    "activation",
                    AdapterActivation.GELU,
                    "The function between an adapter's two projections.");
    static final Setting<Gate> GATE =
            Setting.choice(
                    "gate",
                    Gate.NONE,
                    "Whether each adapter has a learnt factor that starts at zero.");
    static final Setting<Double> SCALE =
            Setting.number("scale", 1, 1e-6, 1e6, "A fixed factor of what adapters add.");
    static final Setting<List<String>> AFTER =
            Setting.list(
                    "after",
                    List.of(),
                    "the paths of children of sequences, separated by commas, such as"
                            + " 02LambdaBlock",
                    "Names where adapters go in models without transformer layers; instead of the"
                            + " placement.");

    static final Setting<String> OWNED =
            Setting.text(
                    "owned",
                    Targets.AUTO,
                    "auto, nothing, or patterns: ends of names, regex:..., type:Linear",
                    "Of which parameters each task has a whole copy; auto is the head.");

    private AdapterSettings() {}

    static List<Setting<?>> all() {
        return List.of(BOTTLENECK, PLACEMENT, ACTIVATION, GATE, SCALE, AFTER, OWNED);
    }

    static BottleneckAdapters read(Settings settings) {
        BottleneckAdapters.Builder builder =
                BottleneckAdapters.builder()
                        .optBottleneck(settings.get(BOTTLENECK))
                        .optPlacement(settings.get(PLACEMENT))
                        .optActivation(settings.get(ACTIVATION))
                        .optGate(settings.get(GATE))
                        .optScale(settings.get(SCALE))
                        .optOwned(settings.get(OWNED));
        settings.get(AFTER).forEach(builder::addAfter);
        return builder.build();
    }

    static Map<String, String> asText(
            AdapterDesign design, Placement placement, List<String> after, String owned) {
        Map<String, String> text = new LinkedHashMap<>();
        put(text, BOTTLENECK, design.bottleneck());
        put(text, PLACEMENT, placement);
        put(text, ACTIVATION, design.activation());
        put(text, GATE, design.gate());
        put(text, SCALE, design.scale());
        text.put(AFTER.key(), String.join(",", after));
        put(text, OWNED, owned);
        return text;
    }

    private static <T> void put(Map<String, String> text, Setting<T> setting, T value) {
        text.put(setting.key(), setting.format(value));
    }
}
