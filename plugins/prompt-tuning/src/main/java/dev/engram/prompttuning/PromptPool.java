package dev.engram.prompttuning;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.api.guard.StepView;
import dev.engram.kit.autograd.Scaled;
import dev.engram.kit.overlay.PassValues;
import dev.engram.prompttuning.internal.features.Positions;
import dev.engram.prompttuning.internal.parts.Prompt;
import dev.engram.prompttuning.internal.parts.Vectors;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Prompts with keys, of which each sample gets those whose keys are nearest to the mean of its
 * embeddings (L2P; Wang et al. 2022).
 *
 * <p>Which they are has no gradient: keys are trained by {@code λ · Σ (1 - cos)} over those that
 * were selected, in closed form, so that nobody needs to see the user's loss.
 */
final class PromptPool implements Prompt {

    private static final double TINY = 1e-12;

    private final PromptDesign design;
    private final Vectors prompts;
    private final Parameter keys;
    private final NDManager owner;
    private final Map<Device, Pull> pulls = new ConcurrentHashMap<>();

    private PromptPool(PromptDesign design, Vectors prompts, Parameter keys, NDManager owner) {
        this.design = design;
        this.prompts = prompts;
        this.keys = keys;
        this.owner = owner;
    }

    static PromptPool create(NewVectors fresh, long width) {
        PromptDesign design = fresh.design();
        int size = design.pool().size();
        return new PromptPool(
                design,
                fresh.amongTokens(size * design.length(), width),
                fresh.keys(size, width),
                fresh.base().manager());
    }

    @Override
    public PairList<String, Parameter> parameters() {
        PairList<String, Parameter> all = prompts.parameters();
        all.add("keys", keys);
        return all;
    }

    @Override
    public long positions() {
        return (long) design.pool().selected() * design.length();
    }

    @Override
    public NDArray vectors(
            ParameterStore store, NDArray embeddings, @Nullable NDArray visible, boolean training) {
        PassValues pass =
                new PassValues(store, embeddings.getManager(), embeddings.getDevice(), training);
        NDArray live = pass.live(keys);
        NDArray key = pass.in(live).stopGradient();
        NDArray query = unit(Positions.mean(embeddings.stopGradient(), visible));
        NDArray cosines = query.matMul(unit(key).transpose());
        NDArray picked = picked(cosines);
        Shape shape = embeddings.getShape();
        NDArray pool = prompts.in(pass).reshape(design.pool().size(), -1);
        if (training) {
            keep(new Pull(live, pull(key, query, cosines, picked)));
            // An array without part in the graph has no gradient that could be added to.
            pool = pool.add(Scaled.by(0, pass.in(live).sum()));
        }
        return picked.matMul(pool).reshape(shape.get(0), positions(), shape.get(2));
    }

    /** Adds what draws the keys of the last pass on each device. */
    @Override
    public void onBackward(StepView step) {
        for (Device device : List.copyOf(pulls.keySet())) {
            Pull pull = pulls.remove(device);
            if (pull != null) {
                pull.add();
            }
        }
    }

    @Override
    public void close() {
        pulls.values().forEach(Pull::close);
        pulls.clear();
    }

    private static NDArray unit(NDArray rows) {
        return rows.div(length(rows));
    }

    private static NDArray length(NDArray rows) {
        return rows.square().sum(new int[] {1}, true).sqrt().maximum(TINY);
    }

    /** Returns, for each sample and each prompt it gets, one at its place in the pool. */
    private NDArray picked(NDArray cosines) {
        NDArray places = cosines.topK(design.pool().selected(), 1).get(1);
        return places.oneHot(design.pool().size(), cosines.getDataType());
    }

    /** Returns the gradient of the keys, a mean over the batch. */
    private NDArray pull(NDArray key, NDArray query, NDArray cosines, NDArray picked) {
        NDArray chosen = picked.sum(new int[] {1});
        NDArray towards = chosen.transpose().matMul(query);
        NDArray along = chosen.mul(cosines).sum(new int[] {0}).expandDims(1).mul(unit(key));
        double strength = -design.pool().pull() / query.getShape().get(0);
        return towards.sub(along).div(length(key)).mul(strength);
    }

    private void keep(Pull pull) {
        // It outlives the pass, and with it a scope around the pass.
        NDScope.unregister(pull.gradient());
        pull.gradient().attach(owner);
        Pull before = pulls.put(pull.keys().getDevice(), pull);
        if (before != null) {
            before.close();
        }
    }

    /**
     * A gradient for the keys on one device.
     *
     * @param keys the live array
     */
    private record Pull(NDArray keys, NDArray gradient) {

        void add() {
            try (NDArray target = keys.getGradient()) {
                target.addi(gradient);
            }
            close();
        }

        void close() {
            gradient.close();
        }
    }
}
