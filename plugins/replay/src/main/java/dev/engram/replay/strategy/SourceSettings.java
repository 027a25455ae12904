package dev.engram.replay.strategy;

import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.replay.source.Budget;
import dev.engram.replay.source.ReplayBuffer;
import dev.engram.replay.source.ReplayBufferBuilder;
import dev.engram.replay.source.Selection;
import dev.engram.replay.source.Storage;
import dev.engram.replay.store.DiskStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The settings that say which samples are kept, and where. */
final class SourceSettings {

    /** Forms of storage, as users write them. */
    enum Form {
        AS_IS,
        HALF,
        UINT8
    }

    static final Setting<Selection> SELECTION =
            Setting.choice("selection", Selection.RESERVOIR, "Which samples of the stream stay.");
    static final Setting<Integer> SAMPLES =
            Setting.integer(
                    "samples", 1000, 1, Integer.MAX_VALUE, "The most samples that are kept.");
    static final Setting<Double> MEGABYTES =
            Setting.number(
                    "megabytes", 1e9, 1e-3, 1e9, "The most megabytes (10^6) of stored arrays.");
    static final Setting<Integer> SAMPLES_A_CLASS =
            Setting.integer(
                    "samples-a-class",
                    Integer.MAX_VALUE,
                    1,
                    Integer.MAX_VALUE,
                    "The most samples of one class of one task, where the selection knows"
                            + " classes.");
    static final Setting<Form> STORAGE =
            Setting.choice("storage", Form.AS_IS, "The form in which float32 inputs are kept.");
    static final Setting<Double> STORAGE_LOW =
            Setting.number("storage-low", 0, -1e30, 1e30, "The least input, for uint8 storage.");
    static final Setting<Double> STORAGE_HIGH =
            Setting.number(
                    "storage-high", 1, -1e30, 1e30, "The greatest input, for uint8 storage.");
    static final Setting<String> DIRECTORY =
            Setting.text(
                    "directory",
                    "",
                    "a path",
                    "Directory of a store on disk; memory of the device where it is empty.");
    static final Setting<Double> TIME_TO_LIVE =
            Setting.number(
                    "time-to-live-hours",
                    0,
                    0,
                    1e6,
                    "How long a sample may be kept; 0 for as long as there is room.");
    static final Setting<Integer> SEED =
            Setting.integer(
                    "seed", 1, Integer.MIN_VALUE, Integer.MAX_VALUE, "Seed of choice and draws.");
    static final List<Setting<?>> ALL =
            List.of(
                    SELECTION,
                    SAMPLES,
                    MEGABYTES,
                    SAMPLES_A_CLASS,
                    STORAGE,
                    STORAGE_LOW,
                    STORAGE_HIGH,
                    DIRECTORY,
                    TIME_TO_LIVE,
                    SEED);

    private static final double MEGA = 1e6;
    private static final double HOUR_MILLIS = 3.6e6;

    private SourceSettings() {}

    static ReplayBuffer source(Settings settings, boolean keepsPredictions) {
        ReplayBufferBuilder builder =
                ReplayBuffer.builder()
                        .optSelection(settings.get(SELECTION))
                        .optBudget(budget(settings))
                        .optStorage(storage(settings))
                        .optPredictions(keepsPredictions)
                        .optSeed(settings.get(SEED));
        double hours = settings.get(TIME_TO_LIVE);
        if (hours > 0) {
            builder.optTimeToLive(Duration.ofMillis(Math.max(1, (long) (hours * HOUR_MILLIS))));
        }
        String directory = settings.get(DIRECTORY);
        if (!directory.isEmpty()) {
            builder.optStore(
                    manager -> DiskStore.builder().setDirectory(Path.of(directory)).build());
        }
        return builder.build();
    }

    private static Budget budget(Settings settings) {
        return new Budget(
                settings.get(SAMPLES),
                (long) (settings.get(MEGABYTES) * MEGA),
                settings.get(SAMPLES_A_CLASS));
    }

    private static Storage storage(Settings settings) {
        return switch (settings.get(STORAGE)) {
            case AS_IS -> Storage.asIs();
            case HALF -> Storage.half();
            case UINT8 -> Storage.uint8(settings.get(STORAGE_LOW), settings.get(STORAGE_HIGH));
        };
    }
}
