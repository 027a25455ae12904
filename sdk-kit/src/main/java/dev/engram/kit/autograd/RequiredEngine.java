package dev.engram.kit.autograd;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import dev.engram.api.EngramException;
import dev.engram.api.Stable;

/** DJL's engine, or one line that says what to add where there is none. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class RequiredEngine {

    /** DJL's API brings this one itself; it computes nothing. */
    private static final String REMOTE = "RPC";

    private RequiredEngine() {}

    /**
     * Returns DJL's default engine.
     *
     * @throws EngramException if there is none, or it cannot be loaded
     */
    public static Engine get() {
        try {
            Engine engine = Engine.getInstance();
            if (!engine.getEngineName().equals(REMOTE)) {
                return engine;
            }
        } catch (EngineException e) {
            throw missing("an engine", e);
        }
        throw missing("an engine", new EngineException("only that for remote calls is there"));
    }

    /**
     * Returns DJL's engine of a name, such as {@code PyTorch}.
     *
     * @throws EngramException if it is not there, or cannot be loaded
     */
    public static Engine get(String name) {
        try {
            return Engine.getEngine(name);
        } catch (EngineException | IllegalArgumentException e) {
            throw missing("DJL's engine \"" + name + "\"", e);
        }
    }

    private static EngramException missing(String what, RuntimeException cause) {
        String said = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        return new EngramException(
                "Engram needs %s, and DJL has none: %s. Add ai.djl.pytorch:pytorch-engine to the class path, in the version of ai.djl:api (%s); it downloads its native library unless ai.djl.pytorch:pytorch-native-cpu is there, too"
                        .formatted(what, said.replaceAll("\\.$", ""), Engine.getDjlVersion()),
                cause);
    }
}
