package dev.engram.onnx.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.onnx.adapter.AdapterSlots;
import dev.engram.onnx.internal.session.Sessions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Opens an {@link OnnxTaskServer}. Not safe for concurrent use. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class OnnxTaskServerBuilder {

    private final Map<String, Path> adapters = new LinkedHashMap<>();
    private @Nullable Path model;
    private @Nullable Map<String, OnnxTensor> trial;
    private int threads;

    OnnxTaskServerBuilder() {}

    /** Sets the model: a file with slots, as {@link AdapterSlots#add} writes it. */
    public OnnxTaskServerBuilder setModel(Path prepared) {
        this.model = prepared;
        return this;
    }

    /** Adds a task that serves from the beginning. */
    public OnnxTaskServerBuilder addTask(String task, Path adapter) {
        adapters.put(task, adapter);
        return this;
    }

    /** Sets how many threads one operator may use; by default ONNX Runtime chooses. */
    public OnnxTaskServerBuilder optThreads(int number) {
        this.threads = number;
        return this;
    }

    /**
     * Sets the inputs on which each adapter is tried. By default those are zeros, with 1 for open
     * dimensions or, if the model does not run so, with lengths that fit a cache of one position or
     * none; and then, if the model runs on them, -1 and 1 in inputs of fractions and 1 in others.
     * Give samples of your own where only those would show an overflow.
     *
     * @param inputs owned and closed by the server from now on
     */
    public OnnxTaskServerBuilder optTrialInputs(Map<String, OnnxTensor> inputs) {
        this.trial = new LinkedHashMap<>(inputs);
        return this;
    }

    /**
     * Opens the server.
     *
     * @throws EngramException if the model has no slots or does not run, or an adapter cannot serve
     */
    public OnnxTaskServer build() {
        if (model == null) {
            throw new EngramException("No model: call setModel with a file that has slots");
        }
        AdapterSlots slots = AdapterSlots.of(model);
        OrtSession session = Sessions.open(model, threads);
        OnnxTaskServer server = open(session, slots);
        try {
            adapters.forEach(server::load);
            return server;
        } catch (RuntimeException e) {
            server.close();
            throw e;
        }
    }

    private AdapterTrial trial(OrtSession session) throws OrtException {
        if (trial != null) {
            Feeds.requireOpen(trial);
            return AdapterTrial.on(session, trial);
        }
        return guessed(session);
    }

    /** Decoders with a cache want lengths that belong together; the names of the axes tell some. */
    private static AdapterTrial guessed(OrtSession session) throws OrtException {
        EngramException first = null;
        for (OpenSizes sizes : OpenSizes.values()) {
            try {
                AdapterTrial zeros = AdapterTrial.on(session, TrialInputs.zeros(session, sizes));
                zeros.tryAlso(TrialInputs.signs(session, sizes));
                return zeros;
            } catch (EngramException e) {
                first = first == null ? e : first;
            }
        }
        throw Objects.requireNonNull(first);
    }

    private OnnxTaskServer open(OrtSession session, AdapterSlots slots) {
        try {
            return new OnnxTaskServer(session, slots, trial(session));
        } catch (OrtException e) {
            Sessions.close(session);
            throw new EngramException("ONNX Runtime makes no inputs for " + model, e);
        } catch (RuntimeException e) {
            Sessions.close(session);
            throw e;
        }
    }
}
