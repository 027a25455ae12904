package dev.engram.onnx.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.onnx.adapter.AdapterSlots;
import dev.engram.onnx.adapter.OnnxAdapter;
import dev.engram.onnx.adapter.OnnxAdapterFile;
import dev.engram.onnx.internal.session.Sessions;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Serves many tasks from one model in memory: one session of ONNX Runtime, and an adapter for each
 * task that a request names.
 *
 * <p>Safe for concurrent use: runs take no lock, tasks may come and go while others run. An adapter
 * serves only after it was compared with the model and tried; if anything is wrong, what served
 * before still serves. An adapter in use is never closed: a run that began ends with it.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class OnnxTaskServer implements AutoCloseable {

    private final OwnedSession session;
    private final AdapterSlots slots;
    private final AdapterTrial trial;
    private final ServedTasks tasks = new ServedTasks();
    private final TaskChanges changes;

    private OnnxTaskServer(OrtSession session, AdapterSlots slots, AdapterTrial trial) {
        this.session = new OwnedSession(session, "server");
        this.slots = slots;
        this.trial = trial;
        this.changes = new TaskChanges(this.session, slots, trial, tasks);
    }

    /** Starts a server. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Runs the model as it is for a task.
     *
     * @param inputs stay the caller's, who closes none of them before the run has ended
     * @return the outputs, which the caller closes
     * @throws EngramException if the task is unknown, the server or an input closed, or the inputs
     *     do not fit
     */
    public OrtSession.Result run(String task, Map<String, ? extends OnnxTensorLike> inputs) {
        Feeds.requireOpen(inputs);
        try {
            return session.use(open -> runIn(open, task, inputs));
        } catch (OrtException e) {
            throw failed("task " + task, inputs, e);
        }
    }

    private OrtSession.Result runIn(
            OrtSession open, String task, Map<String, ? extends OnnxTensorLike> inputs)
            throws OrtException {
        TaskAdapter adapter = tasks.begin(task);
        try {
            return adapter.run(open, inputs);
        } finally {
            adapter.end();
        }
    }

    /** Runs the model without an adapter, otherwise like {@link #run}. */
    public OrtSession.Result runBase(Map<String, ? extends OnnxTensorLike> inputs) {
        Feeds.requireOpen(inputs);
        try {
            return session.use(open -> open.run(inputs));
        } catch (OrtException e) {
            throw failed("the base", inputs, e);
        }
    }

    /**
     * Adds a task; returns when it serves.
     *
     * @throws EngramException if there is one of this name, or the adapter cannot serve
     */
    public void load(String task, Path adapter) {
        load(task, OnnxAdapterFile.read(adapter));
    }

    /** Adds a task, like {@link #load(String, Path)}. */
    public void load(String task, OnnxAdapter adapter) {
        ServedTasks.requireNamed(task);
        changes.load(task, adapter);
    }

    /**
     * Gives a task another adapter; runs that began go on with the earlier one.
     *
     * @throws EngramException if the task is unknown, or the adapter cannot serve; then the earlier
     *     one still serves
     */
    public void replace(String task, Path adapter) {
        ServedTasks.requireNamed(task);
        replaceAll(Map.of(task, OnnxAdapterFile.read(adapter)));
    }

    /** Gives several tasks other adapters, all of them at one moment or none. */
    public void replaceAll(Map<String, OnnxAdapter> adapters) {
        changes.replaceAll(adapters);
    }

    /**
     * Takes a task away at once; its adapter is closed when the last run that began has ended.
     *
     * @throws EngramException if the task is unknown
     */
    public void unload(String task) {
        changes.unload(task);
    }

    /** Returns the names of the tasks that serve now. */
    public Set<String> tasks() {
        return tasks.names();
    }

    /**
     * Returns ONNX Runtime's environment, by which inputs are made.
     *
     * <p>It is that of {@code OrtEnvironment.getEnvironment()}. Call this one instead, or at least
     * before anything else of ONNX Runtime: started on a usual thread, ONNX Runtime 1.29.0 ends the
     * whole process without a word on Linux if the command line is long, as with a long class path.
     * Here it starts on a thread with a large stack.
     */
    public static OrtEnvironment environment() {
        return Sessions.environment();
    }

    /** Returns the slots of the model. */
    public AdapterSlots slots() {
        return slots;
    }

    /** Refuses new runs, waits for those that began, and frees the session and all adapters. */
    @Override
    public void close() {
        session.close(
                () -> {
                    tasks.removeAll();
                    trial.close();
                });
    }

    private static EngramException failed(String what, Map<String, ?> inputs, OrtException cause) {
        return new EngramException(
                "ONNX Runtime cannot run %s on the inputs %s: %s"
                        .formatted(what, inputs.keySet(), cause.getMessage()),
                cause);
    }

    /** Opens an {@link OnnxTaskServer}. Not safe for concurrent use. */
    @Experimental(since = "0.1", implementedBy = "nobody")
    public static final class Builder {

        private final Map<String, Path> adapters = new LinkedHashMap<>();
        private @Nullable Path model;
        private @Nullable Map<String, OnnxTensor> trial;
        private int threads;

        private Builder() {}

        /** Sets the model: a file with slots, as {@link AdapterSlots#add} writes it. */
        public Builder setModel(Path prepared) {
            this.model = prepared;
            return this;
        }

        /** Adds a task that serves from the beginning. */
        public Builder addTask(String task, Path adapter) {
            adapters.put(task, adapter);
            return this;
        }

        /** Sets how many threads one operator may use; by default ONNX Runtime chooses. */
        public Builder optThreads(int number) {
            this.threads = number;
            return this;
        }

        /**
         * Sets the inputs on which each adapter is tried. By default those are zeros, with 1 for
         * open dimensions or, if the model does not run so, with lengths that fit a cache of one
         * position or none; and then, if the model runs on them, -1 and 1 in inputs of fractions
         * and 1 in others. Give samples of your own where only those would show an overflow.
         *
         * @param inputs owned and closed by the server from now on
         */
        public Builder optTrialInputs(Map<String, OnnxTensor> inputs) {
            this.trial = new LinkedHashMap<>(inputs);
            return this;
        }

        /**
         * Opens the server.
         *
         * @throws EngramException if the model has no slots or does not run, or an adapter cannot
         *     serve
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
            if (trial == null) {
                return AdapterTrial.guessed(session);
            }
            Feeds.requireOpen(trial);
            return AdapterTrial.on(session, trial);
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
}
