package dev.engram.onnx;

import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.internal.model.Node;
import dev.engram.onnx.internal.model.OnnxModel;
import dev.engram.onnx.internal.program.Quantised;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which tensors of a model are parameters.
 *
 * @param trained those that are, by name, in the order of the file
 * @param frozen those that look like weights and stay as they are, by name, with the reason
 */
record TrainableTensors(Map<String, Initializer> trained, Map<String, String> frozen) {

    private static final Logger LOG = LoggerFactory.getLogger(TrainableTensors.class);

    TrainableTensors {
        trained = Collections.unmodifiableMap(new LinkedHashMap<>(trained));
        frozen = Collections.unmodifiableMap(new LinkedHashMap<>(frozen));
    }

    /**
     * Chooses them, and warns of those that look like weights and were not chosen.
     *
     * @throws OnnxException if none was chosen
     */
    static TrainableTensors of(OnnxModel used, Predicate<Initializer> trainable) {
        Map<String, Initializer> roles = Roles.of(used.graph());
        Map<String, Initializer> trained = new LinkedHashMap<>(roles);
        trained.values().removeIf(trainable.negate());
        requireSome(trained, roles, used);
        Map<String, String> frozen =
                new Unrecognised(used.graph(), roles).without(trained.keySet());
        if (!frozen.isEmpty()) {
            LOG.warn(
                    "{}: these stay as they are; if one is a weight, let it train with"
                            + " optTrainable: {}",
                    used.file(),
                    frozen);
        }
        return new TrainableTensors(trained, frozen);
    }

    private static void requireSome(
            Map<String, Initializer> trained, Map<String, Initializer> roles, OnnxModel used) {
        if (!trained.isEmpty()) {
            return;
        }
        Optional<Node> quantised = Quantised.first(used.graph());
        if (quantised.isPresent()) {
            throw new OnnxException(
                    used.file() + " has nothing to train. " + Quantised.advice(quantised.get()));
        }
        Map<String, String> inside = new Unrecognised(used.graph(), roles).inside();
        throw new OnnxException(
                used.file()
                        + " has nothing to train among "
                        + roles.values()
                        + (inside.isEmpty()
                                ? "; say what is with optTrainable"
                                : "; what looks like weights cannot train where it is: "
                                        + inside
                                        + ". Export the model so that it has no branch there: in"
                                        + " evaluation mode, with the inputs that take it"));
    }
}
