package dev.engram.analytic;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.translate.TranslateException;
import dev.engram.analytic.internal.closedform.HeadMethod;
import dev.engram.analytic.internal.closedform.SolvedHead;
import dev.engram.analytic.internal.model.BaseDigest;
import dev.engram.analytic.internal.model.HeadParameters;
import dev.engram.analytic.internal.model.ModelSplit;
import dev.engram.analytic.internal.sums.HeadStatistics;
import dev.engram.analytic.internal.sums.RowBuffer;
import dev.engram.api.EngramException;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.kit.autograd.EngineMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a guard knows of all tasks: their sums, the head solved from them, and over which base. */
final class HeadMemory {

    private static final String HEAD = "head";
    private static final String SUMS = "sums";
    private static final String PRODUCTS = "products";
    private static final String STRIP = "strip-";
    private static final String COUNTS = "counts";
    private static final String BASE = "base";

    private final HeadMethod method;
    private @Nullable HeadStatistics sums;
    private @Nullable SolvedHead solved;
    private @Nullable String base;

    HeadMemory(HeadMethod method) {
        this.method = method;
    }

    boolean hasLearnt() {
        return sums != null && sums.samples() > 0;
    }

    /**
     * Looks whether a base is the one that was learnt over, if anything was.
     *
     * @throws EngramException if it is another one
     */
    void beginOver(ModelSplit split) {
        beginOver(BaseDigest.of(split.baseParameters()), split.features());
    }

    /** The same of a base that is told by its digest, and by how many features it gives. */
    void beginOver(String found, int features) {
        if (hasLearnt() && sums != null && sums.width() != features) {
            throw new EngramException(
                    "%s knows sums over %d features, but the model's last layer has %d inputs: load the model that the memory is about, or use another memory directory"
                            .formatted(method.name(), sums.width(), features));
        }
        if (hasLearnt() && base != null) {
            requireBase(found);
        } else {
            base = found;
        }
    }

    /**
     * Looks whether a base is still the one that a task began over.
     *
     * @throws EngramException if it has changed
     */
    void requireBase(ModelSplit split) {
        requireBase(BaseDigest.of(split.baseParameters()));
    }

    private void requireBase(String found) {
        if (base != null && !base.equals(found)) {
            throw new EngramException(
                    "%s: the base has changed since it was summed over, and what is known of earlier tasks is about features that are no more. A solved head needs a base that stays as it is, to the last bit: load that one; or begin with another memory directory, with data of all tasks; or, where the base is to go on learning, take \"er\" or \"ewc-online\"."
                            .formatted(method.name()));
        }
    }

    void add(HeadStatistics task, NDManager manager) {
        if (sums == null) {
            sums = HeadStatistics.none(task.width(), method.needsProducts(), manager);
        }
        sums.addAll(task);
    }

    void subtract(HeadStatistics task) {
        known().subtract(task);
        forget();
    }

    void solve(boolean hasBias) {
        forget();
        HeadStatistics all = known();
        NDManager owner = all.sums().getManager();
        solved =
                all.samples() == 0
                        ? SolvedHead.ofNothing(all, hasBias, owner)
                        : method.solve(all, hasBias, owner);
    }

    void writeInto(HeadParameters head) {
        if (solved == null) {
            solve(head.hasBias());
        }
        if (solved != null) {
            head.set(solved, known().sums().getManager());
        }
    }

    /** See {@link AnalyticGuard#unlearn}. */
    long unlearn(Model model, ModelSplit split, Dataset samples)
            throws IOException, TranslateException {
        HeadStatistics all = known();
        beginOver(split);
        NDManager manager = all.sums().getManager();
        try (HeadStatistics removed =
                        HeadStatistics.none(all.width(), method.needsProducts(), manager);
                RowBuffer rows = new RowBuffer(removed, split.outputs(), manager)) {
            collect(model, split, samples, rows);
            long count = removed.samples();
            all.subtract(removed);
            forget();
            try {
                overwrite(head(split));
            } catch (RuntimeException e) {
                all.addAll(removed);
                forget();
                throw e;
            }
            return count;
        }
    }

    private static HeadParameters head(ModelSplit split) {
        return new HeadParameters(
                split.weight().getArray(),
                split.hasBias() ? split.head().getDirectParameters().get("bias").getArray() : null);
    }

    private void overwrite(HeadParameters head) {
        try (NDArray weight = head.weight().stopGradient()) {
            NDArray bias = head.bias();
            if (bias == null) {
                writeInto(new HeadParameters(weight, null));
                return;
            }
            try (NDArray cut = bias.stopGradient()) {
                writeInto(new HeadParameters(weight, cut));
            }
        }
    }

    private static void collect(Model model, ModelSplit split, Dataset samples, RowBuffer rows)
            throws IOException, TranslateException {
        try (NDManager scratch = model.getNDManager().newSubManager()) {
            for (Batch batch : samples.getData(scratch)) {
                try (batch;
                        NDManager pass = batch.getManager().newSubManager()) {
                    NDArray features =
                            split.features(new ParameterStore(pass, false), batch.getData());
                    rows.add(features, batch.getLabels().head());
                }
            }
        }
        rows.flush();
    }

    private HeadStatistics known() {
        if (sums == null) {
            throw new EngramException(
                    method.name()
                            + " knows of no samples: no task was learnt here, or its memory is not"
                            + " read yet");
        }
        return sums;
    }

    private void forget() {
        if (solved != null) {
            solved.close();
            solved = null;
        }
    }

    void save(MemoryWriter writer) {
        if (sums == null) {
            return;
        }
        writer.text(
                COUNTS,
                Arrays.stream(sums.counts())
                        .mapToObj(String::valueOf)
                        .collect(Collectors.joining(" ")));
        if (base != null) {
            writer.text(BASE, base);
        }
        writer.tensor(SUMS, HEAD, sums.sums());
        List<NDArray> strips = sums.strips();
        for (int i = 0; i < strips.size(); i++) {
            writer.tensor(PRODUCTS, STRIP + i, strips.get(i));
        }
    }

    void restore(MemoryReader reader) {
        String counts = reader.text(COUNTS).orElse("");
        if (counts.isEmpty()) {
            return;
        }
        NDManager own = reader.manager().newSubManager();
        own.setName("engram head");
        Map<String, NDArray> strips = reader.tensors(PRODUCTS, own);
        List<NDArray> ordered = new ArrayList<>();
        for (int i = 0; i < strips.size(); i++) {
            ordered.add(owned(strips.get(STRIP + i), own));
        }
        NDArray read = owned(reader.tensors(SUMS, own).get(HEAD), own);
        long[] each = Arrays.stream(counts.split(" ", -1)).mapToLong(Long::parseLong).toArray();
        sums = HeadStatistics.of((int) read.getShape().get(0), ordered, read, each, own);
        base = reader.text(BASE).orElse(null);
    }

    /** Views are made of it, so it goes into the engine's own memory. */
    private static NDArray owned(@Nullable NDArray read, NDManager owner) {
        if (read == null) {
            throw new EngramException("The memory lacks a part of the sums: it is damaged");
        }
        try (read) {
            return EngineMemory.copy(read, owner);
        }
    }
}
