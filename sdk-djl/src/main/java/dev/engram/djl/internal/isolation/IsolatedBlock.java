package dev.engram.djl.internal.isolation;

import ai.djl.ndarray.NDList;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.ParameterList;
import ai.djl.training.ParameterStore;
import ai.djl.util.Pair;
import ai.djl.util.PairList;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.kit.evaluation.TwinnedBlock;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands before the user's block and sends forward passes to a task; in all else it is that block.
 */
public final class IsolatedBlock implements TwinnedBlock {

    private static final Logger LOG = LoggerFactory.getLogger(IsolatedBlock.class);

    private final Block base;
    private final Function<ForwardPass, NDList> route;
    private final Consumer<Runnable> overBase;
    private final @Nullable Supplier<PairList<String, Parameter>> listed;
    private final String strategy;
    private final AtomicBoolean hasWarned = new AtomicBoolean();

    /**
     * Creates one that serves.
     *
     * @param route computes the outputs of a pass
     * @param overBase runs work while the base's arrays hold the base's values
     */
    public IsolatedBlock(
            Block base, Function<ForwardPass, NDList> route, Consumer<Runnable> overBase) {
        this(base, route, overBase, null, "");
    }

    private IsolatedBlock(
            Block base,
            Function<ForwardPass, NDList> route,
            Consumer<Runnable> overBase,
            @Nullable Supplier<PairList<String, Parameter>> listed,
            String strategy) {
        this.base = base;
        this.route = route;
        this.overBase = overBase;
        this.listed = listed;
        this.strategy = strategy;
    }

    /**
     * Returns one that trains.
     *
     * @param route computes the outputs of a pass
     * @param listed parameters that {@link #getParameters} adds to the base's: DJL's trainer wants
     *     to see one with a gradient before its first step
     * @param overBase runs work while the base's arrays hold the base's values
     * @param strategy how messages call what gives tasks parameters of their own
     */
    public static IsolatedBlock training(
            Block base,
            Function<ForwardPass, NDList> route,
            Supplier<PairList<String, Parameter>> listed,
            Consumer<Runnable> overBase,
            String strategy) {
        return new IsolatedBlock(base, route, overBase, listed, strategy);
    }

    @Override
    public IsolatedBlock running(UnaryOperator<Block> twin) {
        Map<Block, Block> twins = new ConcurrentHashMap<>();
        return new IsolatedBlock(
                base,
                pass ->
                        route.apply(
                                new DetouredPass(
                                        pass,
                                        (block, store, data) ->
                                                pass.through(
                                                        twins.computeIfAbsent(block, twin),
                                                        store,
                                                        data))),
                overBase,
                listed,
                strategy);
    }

    /** Returns the user's block, whatever stands before it that trains nothing. */
    public static Block usersBlock(Block block) {
        Block own = block;
        while (own instanceof IsolatedBlock isolated && !isolated.trains()) {
            own = isolated.base();
        }
        return own;
    }

    /** Returns whether a task trains behind it. */
    public boolean trains() {
        return listed != null;
    }

    @Override
    public Block base() {
        return base;
    }

    @Override
    public NDList forward(
            ParameterStore store,
            NDList inputs,
            boolean training,
            @Nullable PairList<String, Object> params) {
        return route.apply(new Pass(store, inputs, null, training, params));
    }

    @Override
    public NDList forward(
            ParameterStore store,
            NDList data,
            NDList labels,
            @Nullable PairList<String, Object> params) {
        return route.apply(new Pass(store, data, labels, true, params));
    }

    @Override
    public ParameterList getParameters() {
        ParameterList parameters = base.getParameters();
        if (listed != null) {
            for (Pair<String, Parameter> own : listed.get()) {
                parameters.add(own);
            }
        }
        return parameters;
    }

    /** Writes the base, whatever task runs; says so when that is not what the user trains. */
    @Override
    public void saveParameters(DataOutputStream out) throws IOException {
        if (trains() && !hasWarned.getAndSet(true)) {
            LOG.warn(
                    "The model was saved while \"{}\" trains a task: the file holds the base,"
                        + " WITHOUT what the task learns. That is in the listener's memory"
                        + " directory (optMemory) and in its tasks(model); tasks(model).merge(...)"
                        + " makes a model of one task, to be saved then.",
                    strategy);
        }
        try {
            overBase.accept(() -> write(out));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private void write(DataOutputStream out) {
        try {
            base.saveParameters(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private record Pass(
            ParameterStore store,
            NDList inputs,
            @Nullable NDList labels,
            boolean training,
            @Nullable PairList<String, Object> params)
            implements ForwardPass {

        @Override
        public NDList through(Block block, ParameterStore asked, NDList data) {
            return labels == null
                    ? block.forward(asked, data, training, params)
                    : block.forward(asked, data, labels, params);
        }
    }
}
