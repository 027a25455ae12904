package dev.engram.prompttuning;

import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import dev.engram.kit.compose.BlockComposer;
import dev.engram.kit.compose.ModelComposer;
import dev.engram.kit.overlay.OverlayParameters;
import dev.engram.kit.overlay.Targets;
import dev.engram.prompttuning.internal.parts.PartInsertion;
import dev.engram.prompttuning.internal.parts.PromptTask;
import dev.engram.prompttuning.internal.parts.SoftPrompt;
import java.util.ArrayList;
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
    public static Builder promptTuning() {
        return new Builder(PromptMethod.PROMPT_TUNING);
    }

    /** Returns a builder of prefixes, strategy {@code prefix-tuning}. */
    public static Builder prefixTuning() {
        return new Builder(PromptMethod.PREFIX_TUNING);
    }

    /** Returns a builder of prompt pools, strategy {@code prompt-pool}. */
    public static Builder promptPool() {
        return new Builder(PromptMethod.PROMPT_POOL);
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
                    new OverlayParameters.Builder(base)
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

    /** Builds a {@link PromptIsolation}; everything has a default. */
    public static final class Builder {

        private final PromptMethod method;
        private final List<BlockComposer> composers = new ArrayList<>();
        private int length = PromptSettings.LENGTH.defaultValue();
        private String after = Targets.AUTO;
        private String until = Targets.AUTO;
        private String owned = Targets.AUTO;
        private Initialisation initialisation = Initialisation.RANDOM;
        private List<Integer> tokens = List.of();
        private double deviation;
        private Reparametrisation reparametrisation = Reparametrisation.NONE;
        private int hidden;
        private PromptDesign.Pool pool =
                new PromptDesign.Pool(
                        PromptSettings.SIZE.defaultValue(),
                        PromptSettings.SELECTED.defaultValue(),
                        PromptSettings.PULL.defaultValue(),
                        true);

        Builder(PromptMethod method) {
            this.method = method;
        }

        /** Sets how many vectors a prompt, or a layer's prefix, has; 20 unless set. */
        public Builder optLength(int vectors) {
            this.length = vectors;
            return this;
        }

        /**
         * Sets the path of the child of a sequence that gives the embeddings; {@code auto} unless
         * set: the last before the first transformer layer whose name contains {@code Embedding}.
         */
        public Builder optAfter(String path) {
            this.after = path;
            return this;
        }

        /**
         * Sets the path of the child after which prompts are cut off; {@code auto} unless set: the
         * last transformer layer of the sequence.
         */
        public Builder optUntil(String path) {
            this.until = path;
            return this;
        }

        /**
         * Sets of which parameters each task has a whole copy, in the patterns of {@code Targets};
         * empty for none; {@code auto} unless set: the last layer of a sequence if that is linear.
         */
        public Builder optOwned(String patterns) {
            this.owned = patterns;
            return this;
        }

        /** Sets what prompts start as; {@link Initialisation#RANDOM} unless set. */
        public Builder optInitialisation(Initialisation start) {
            this.initialisation = start;
            return this;
        }

        /** Sets which token embeddings prompts start from; drawn at random unless set. */
        public Builder optTokens(List<Integer> ids) {
            this.tokens = List.copyOf(ids);
            return this;
        }

        /**
         * Sets the deviation of random numbers; 0 (unless set) for that of the token embeddings.
         */
        public Builder optDeviation(double value) {
            this.deviation = value;
            return this;
        }

        /**
         * Sets what vectors are computed from; {@link Reparametrisation#NONE} unless set.
         *
         * @param width of the network, 0 for that of the vectors
         */
        public Builder optReparametrisation(Reparametrisation kind, int width) {
            this.reparametrisation = kind;
            this.hidden = width;
            return this;
        }

        /**
         * Sets what only a pool has.
         *
         * @param size prompts in it; 10 unless set
         * @param selected how many of them a sample gets; 5 unless set
         * @param pull strength that draws selected keys to their samples; 0.5 unless set
         * @param isContinued whether a task starts with the pool of the one before; true unless set
         */
        public Builder optPool(int size, int selected, double pull, boolean isContinued) {
            this.pool = new PromptDesign.Pool(size, selected, pull, isContinued);
            return this;
        }

        /** Adds a composer that knows another kind of block; it is asked before all others. */
        public Builder addComposer(BlockComposer composer) {
            composers.add(composer);
            return this;
        }

        /**
         * Builds the isolation.
         *
         * @throws EngramException if values are out of bounds, with all of them
         */
        public PromptIsolation build() {
            List<String> problems = problems();
            if (!problems.isEmpty()) {
                throw new EngramException(
                        "\"%s\" cannot be built:\n  - %s"
                                .formatted(method.id(), String.join("\n  - ", problems)));
            }
            return new PromptIsolation(
                    new PromptDesign(
                            method,
                            length,
                            after.strip(),
                            until.strip(),
                            owned.strip(),
                            initialisation,
                            tokens,
                            deviation,
                            reparametrisation,
                            hidden,
                            pool),
                    composers);
        }

        private List<String> problems() {
            List<String> problems = new ArrayList<>();
            if (length < 1) {
                problems.add("length = %d: write 1 or more".formatted(length));
            }
            if (!(deviation >= 0 && deviation < Double.POSITIVE_INFINITY)) {
                problems.add("deviation = %s: write 0 or more".formatted(deviation));
            }
            if (pool.selected() < 1 || pool.selected() > pool.size()) {
                problems.add(
                        "selected = %d: write 1 to the size of the pool, which is %d"
                                .formatted(pool.selected(), pool.size()));
            }
            if (tokens.stream().anyMatch(id -> id < 0)) {
                problems.add("tokens = %s: write ids of 0 or more".formatted(tokens));
            }
            if (!tokens.isEmpty() && initialisation == Initialisation.RANDOM) {
                problems.add(
                        "tokens = %s, but initialise = random uses none: write tokens or mean"
                                .formatted(tokens));
            }
            return problems;
        }
    }
}
