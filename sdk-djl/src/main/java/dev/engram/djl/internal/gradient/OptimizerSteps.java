package dev.engram.djl.internal.gradient;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.training.ParameterServer;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import dev.engram.djl.internal.parameters.StoreAccess;
import java.lang.reflect.Field;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Hears of each step of a trainer's optimizer, just before its first update.
 *
 * <p>DJL tells its listeners of batches only, and several of them may make one step, or none. Its
 * parameter store hands every update to a parameter server; this one stands before the trainer's,
 * and changes nothing.
 */
public final class OptimizerSteps implements AutoCloseable {

    private final ParameterStore store;
    private final Device[] devices;
    private final Announcing server;

    private OptimizerSteps(ParameterStore store, Device[] devices, Announcing server) {
        this.store = store;
        this.devices = devices;
        this.server = server;
    }

    /**
     * Begins to listen.
     *
     * @param before called before the first update of each step, and before others of it, too
     * @param after called with each parameter that was updated, and its arrays on all devices
     * @return nothing where this DJL has no such place
     */
    public static Optional<OptimizerSteps> of(
            Trainer trainer, Runnable before, BiConsumer<String, NDArray[]> after) {
        ParameterStore store = StoreAccess.ofTrainer(trainer);
        return server(store)
                .map(
                        own ->
                                listen(
                                        store,
                                        trainer.getDevices(),
                                        new Announcing(own, before, after)));
    }

    private static OptimizerSteps listen(
            ParameterStore store, Device[] devices, Announcing server) {
        store.setParameterServer(server, devices);
        return new OptimizerSteps(store, devices, server);
    }

    private static Optional<ParameterServer> server(ParameterStore store) {
        try {
            Field field = ParameterStore.class.getDeclaredField("parameterServer");
            field.setAccessible(true);
            return Optional.ofNullable((ParameterServer) field.get(store));
        } catch (ReflectiveOperationException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** Gives the trainer its own server back, unless another came between. */
    @Override
    public void close() {
        server.isSilent = true;
        server(store)
                .filter(current -> current == server)
                .ifPresent(ours -> store.setParameterServer(server.own, devices));
    }

    private static final class Announcing implements ParameterServer {

        private final ParameterServer own;
        private final Runnable before;
        private final BiConsumer<String, NDArray[]> after;
        private boolean isSilent;

        Announcing(ParameterServer own, Runnable before, BiConsumer<String, NDArray[]> after) {
            this.own = own;
            this.before = before;
            this.after = after;
        }

        @Override
        public void init(String parameterId, NDArray[] value) {
            own.init(parameterId, value);
        }

        @Override
        public void update(String parameterId, NDArray[] params) {
            if (!isSilent) {
                before.run();
            }
            own.update(parameterId, params);
            if (!isSilent) {
                after.accept(parameterId, params);
            }
        }

        @Override
        public void update(String parameterId, NDArray[] grads, NDArray[] params) {
            own.update(parameterId, grads, params);
        }

        @Override
        public void close() {
            own.close();
        }
    }
}
