package dev.engram.prompttuning;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import dev.engram.api.Experimental;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import dev.engram.kit.compose.BlockComposer;
import dev.engram.kit.compose.ModelComposer;
import dev.engram.kit.overlay.OverlayParameters;
import dev.engram.kit.overlay.OverlayParametersBuilder;
import dev.engram.kit.overlay.Targets;
import java.util.List;
import java.util.Map;

/**
 * Gives each task trained vectors that a frozen base sees besides the input: prompts in front of
 * the tokens, prefixes in front of the keys and values of attention, or a pool of prompts.
 *
 * <p>Blocks that hold the places must be known to Engram, see {@link BlockComposer}.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class PromptIsolation implements ParameterIsolation {

    private final PromptDesign design;
    private final List<BlockComposer> composers;

    PromptIsolation(PromptDesign design, List<BlockComposer> composers) {
        this.design = design;
        this.composers = List.copyOf(composers);
    }

    /** Returns a builder of soft prompts, strategy {@code prompt-tuning}. */
    public static PromptIsolationBuilder promptTuning() {
        return new PromptIsolationBuilder(PromptMethod.PROMPT_TUNING);
    }

    /** Returns a builder of prefixes, strategy {@code prefix-tuning}. */
    public static PromptIsolationBuilder prefixTuning() {
        return new PromptIsolationBuilder(PromptMethod.PREFIX_TUNING);
    }

    /** Returns a builder of prompt pools, strategy {@code prompt-pool}. */
    public static PromptIsolationBuilder promptPool() {
        return new PromptIsolationBuilder(PromptMethod.PROMPT_POOL);
    }

    @Override
    public String name() {
        return design.method().id();
    }

    @Override
    public Map<String, String> settings() {
        return PromptSettings.stated(design);
    }

    /** Whatever fails on the way leaves no arrays behind. */
    @Override
    public TaskParameters create(BaseModel base, Task task) {
        try (NDManager fresh = base.manager().newSubManager()) {
            PartInsertion insertion = insertion(base, NewVectors.over(base, design, fresh));
            Block prompted = prompted(base.block(), insertion);
            OverlayParameters owned =
                    new OverlayParametersBuilder(base)
                            .optBlock(prompted)
                            .addOwned(new Targets(base).owned(design.owned()))
                            .build();
            PromptTask created = new PromptTask(owned, insertion.parts()).keptBy(base.manager());
            if (design.method() == PromptMethod.PROMPT_POOL && design.pool().isContinued()) {
                last(base.earlier()).forEach(created::startWith);
            }
            return created;
        }
    }

    private PartInsertion insertion(BaseModel base, NewVectors fresh) {
        if (design.method() == PromptMethod.PREFIX_TUNING) {
            return new PrefixInsertion(fresh);
        }
        PromptInsertion.Source source =
                design.method() == PromptMethod.PROMPT_POOL
                        ? width -> PromptPool.create(fresh, width)
                        : width ->
                                new SoftPrompt(
                                        fresh.amongTokens(design.length(), width), design.length());
        return new PromptInsertion(PromptSpan.find(base.block(), design), design, source);
    }

    private Block prompted(Block base, PartInsertion insertion) {
        ModelComposer composer = ModelComposer.of(composers.toArray(BlockComposer[]::new));
        return composer.compose(base, insertion).orThrow(name(), insertion.problems());
    }

    /** A list, so that the caller need not care that there may be none. */
    private static List<PromptTask> last(List<TaskParameters> earlier) {
        List<PromptTask> own =
                earlier.stream()
                        .filter(PromptTask.class::isInstance)
                        .map(PromptTask.class::cast)
                        .toList();
        return own.isEmpty() ? own : List.of(own.get(own.size() - 1));
    }
}
