package dev.engram.replay.strategy;

import dev.engram.api.InvalidOptionException;
import dev.engram.api.replay.ReplaySource;
import dev.engram.api.settings.Setting;
import dev.engram.api.settings.Settings;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.StrategyParts;
import dev.engram.replay.selection.Budget;
import dev.engram.replay.selection.Selection;
import dev.engram.replay.source.ReplayBuffer;
import dev.engram.replay.source.Storage;
import dev.engram.replay.store.disk.DiskStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

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
    static final Setting<Optional<Double>> MEGABYTES =
            Setting.optionalNumber(
                    "megabytes", 1e-3, 1e9, "The most megabytes (10^6) of stored arrays.");
    static final Setting<Optional<Integer>> SAMPLES_A_CLASS =
            Setting.optionalInteger(
                    "samples-a-class",
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
    static final Setting<Optional<Path>> DIRECTORY =
            Setting.optionalPath(
                    "directory", "Directory of a store on disk, instead of the device's memory.");
    static final Setting<Optional<Double>> TIME_TO_LIVE =
            Setting.optionalNumber(
                    "time-to-live-hours",
                    1e-6,
                    1e6,
                    "How long a sample may be kept, where not for as long as there is room.");
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

    static final Setting<Optional<String>> SOURCE =
            Setting.strategy(
                    "source",
                    Role.SOURCE,
                    "Takes samples from another strategy instead of a store of its own, whose"
                            + " settings (selection to seed) then are not set; write those of that"
                            + " strategy as id.key.");

    private SourceSettings() {}

    /**
     * Returns the source that the user named, or a store.
     *
     * @throws InvalidOptionException if settings of the store are set that nothing would read
     */
    static ReplaySource source(Settings settings, StrategyParts parts, boolean keepsPredictions) {
        List<String> unread = ALL.stream().filter(settings::isSet).map(Setting::key).toList();
        String named = settings.get(SOURCE).orElse("");
        if (!named.isEmpty() && !unread.isEmpty()) {
            throw new InvalidOptionException(
                    "source = %s keeps samples as it sees fit, so nothing would read %s: leave %s out, or write what %s has as %s.key"
                            .formatted(
                                    named,
                                    unread,
                                    unread.size() == 1 ? "it" : "them",
                                    named,
                                    named));
        }
        return parts.source(SOURCE).orElseGet(() -> store(settings, keepsPredictions));
    }

    private static ReplayBuffer store(Settings settings, boolean keepsPredictions) {
        ReplayBuffer.Builder builder =
                ReplayBuffer.builder()
                        .optSelection(settings.get(SELECTION))
                        .optBudget(budget(settings))
                        .optStorage(storage(settings))
                        .optPredictions(keepsPredictions)
                        .optSeed(settings.get(SEED));
        settings.get(TIME_TO_LIVE)
                .map(hours -> Duration.ofMillis(Math.max(1, (long) (hours * HOUR_MILLIS))))
                .ifPresent(builder::optTimeToLive);
        settings.get(DIRECTORY)
                .ifPresent(
                        directory ->
                                builder.optStore(
                                        manager ->
                                                DiskStore.builder()
                                                        .setDirectory(directory)
                                                        .build()));
        return builder.build();
    }

    private static Budget budget(Settings settings) {
        return Budget.of(
                settings.get(SAMPLES),
                settings.get(MEGABYTES).map(most -> (long) (most * MEGA)).orElse(Long.MAX_VALUE),
                settings.get(SAMPLES_A_CLASS).map(Integer::longValue).orElse(Long.MAX_VALUE));
    }

    private static Storage storage(Settings settings) {
        return switch (settings.get(STORAGE)) {
            case AS_IS -> Storage.asIs();
            case HALF -> Storage.half();
            case UINT8 -> Storage.uint8(settings.get(STORAGE_LOW), settings.get(STORAGE_HIGH));
        };
    }
}
