package dev.engram.onnx.retention;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.engram.onnx.internal.session.Sessions;
import dev.engram.onnx.runtime.OnnxTaskServer;
import java.nio.file.Path;
import java.util.Map;

/** A deployed model in memory. */
interface OpenModel extends AutoCloseable {

    /** Returns the file that it was read from. */
    Path file();

    OrtSession.Result run(String task, Map<String, OnnxTensor> inputs) throws OrtException;

    @Override
    void close();

    static OpenModel open(DeployedModel model, int threads) {
        return model.adapters().isEmpty()
                ? new Plain(model.file(), Sessions.open(model.file(), threads))
                : new Adapted(model, server(model, threads));
    }

    private static OnnxTaskServer server(DeployedModel model, int threads) {
        OnnxTaskServer.Builder server =
                OnnxTaskServer.builder().setModel(model.file()).optThreads(threads);
        model.adapters().forEach(server::addTask);
        return server.build();
    }

    /** A file alone. */
    record Plain(Path file, OrtSession session) implements OpenModel {

        @Override
        public OrtSession.Result run(String task, Map<String, OnnxTensor> inputs)
                throws OrtException {
            return session.run(inputs);
        }

        @Override
        public void close() {
            Sessions.close(session);
        }
    }

    /** A file with adapters of some tasks. */
    record Adapted(DeployedModel model, OnnxTaskServer server) implements OpenModel {

        @Override
        public Path file() {
            return model.file();
        }

        @Override
        public OrtSession.Result run(String task, Map<String, OnnxTensor> inputs) {
            return model.adapters().containsKey(task)
                    ? server.run(task, inputs)
                    : server.runBase(inputs);
        }

        @Override
        public void close() {
            server.close();
        }
    }
}
