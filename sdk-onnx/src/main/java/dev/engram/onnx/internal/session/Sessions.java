package dev.engram.onnx.internal.session;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import com.google.common.util.concurrent.Futures;
import dev.engram.api.EngramException;
import dev.engram.onnx.internal.proto.ModelFile;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.FutureTask;

/** Opens sessions of ONNX Runtime. */
public final class Sessions {

    /** Where weights in other files are looked for if the model does not come from a file. */
    private static final String EXTERNAL_DATA =
            "session.model_external_initializers_file_folder_path";

    private Sessions() {}

    public static OrtEnvironment environment() {
        return Environment.OPENED;
    }

    /**
     * Opens a session over a file.
     *
     * @param threads of one operator; 0 leaves the choice to ONNX Runtime
     */
    public static OrtSession open(Path model, int threads) {
        ModelFile.requireFile(model);
        try (OrtSession.SessionOptions options = options(threads)) {
            return environment().createSession(model.toString(), options);
        } catch (OrtException e) {
            throw refused(model, e);
        }
    }

    /** Opens a session over the bytes of a changed model. */
    public static OrtSession open(byte[] bytes, Path model, int threads) {
        try (OrtSession.SessionOptions options = options(threads)) {
            Path folder = model.toAbsolutePath().getParent();
            options.addConfigEntry(EXTERNAL_DATA, String.valueOf(folder));
            return environment().createSession(bytes, options);
        } catch (OrtException e) {
            throw refused(model, e);
        }
    }

    private static OrtSession.SessionOptions options(int threads) throws OrtException {
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        // Otherwise it warns about each slot that it is no constant, which is what a slot is for.
        options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
        if (threads > 0) {
            options.setIntraOpNumThreads(threads);
        }
        return options;
    }

    private static EngramException refused(Path model, OrtException cause) {
        return new EngramException(
                "ONNX Runtime %s cannot load %s: %s"
                        .formatted(environment().getVersion(), model, cause.getMessage()),
                cause);
    }

    public static void close(OrtSession session) {
        try {
            session.close();
        } catch (OrtException e) {
            throw new EngramException("ONNX Runtime cannot close its session", e);
        }
    }

    /**
     * As seen on Linux, ONNX Runtime 1.29.0 ends the process without a word when it starts on a
     * thread of the usual stack of 1 MB while the command line is longer than about 4 kB, as it is
     * with a long class path; with {@code -Xss8m} it does not. So it starts on a thread with a
     * large stack.
     */
    private static final class Environment {

        private static final long STACK = 1L << 28;

        static final OrtEnvironment OPENED = opened();

        private static OrtEnvironment opened() {
            FutureTask<OrtEnvironment> start = new FutureTask<>(OrtEnvironment::getEnvironment);
            new Thread(null, start, "engram-onnxruntime-start", STACK).start();
            return Objects.requireNonNull(Futures.getUnchecked(start));
        }
    }
}
