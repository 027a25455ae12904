package dev.engram.onnx;

import dev.engram.api.Experimental;
import dev.engram.onnx.graph.Node;
import dev.engram.onnx.graph.OnnxException;
import dev.engram.onnx.graph.OnnxModel;
import dev.engram.onnx.operator.Quantised;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds an {@link OnnxBlock}. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class OnnxBlockBuilder {

    private static final Logger LOG = LoggerFactory.getLogger(OnnxBlockBuilder.class);

    private @Nullable Path model;
    private Predicate<Initializer> trainable = initializer -> initializer.role().isTrained();
    private boolean untieAliases;

    OnnxBlockBuilder() {}

    /** Sets the file. */
    public OnnxBlockBuilder setModel(Path file) {
        model = file;
        return this;
    }

    /**
     * Sets which floating initialisers are parameters, in place of {@link Role#isTrained}; the
     * others stay as the file has them. Tensors of more than one number in Constant nodes are asked
     * for too, under the names of the nodes' outputs.
     */
    public OnnxBlockBuilder optTrainable(Predicate<Initializer> predicate) {
        trainable = predicate;
        return this;
    }

    /**
     * Gives weights that share a tensor in the file a tensor each. PyTorch's exporter merges
     * tensors that are equal, such as the scales of norms in a fresh model; trained, they would
     * stay equal. Off unless asked for, since some models share a tensor on purpose.
     */
    public OnnxBlockBuilder optUntieAliases(boolean untie) {
        untieAliases = untie;
        return this;
    }

    /**
     * Reads the file and builds the block; warns of {@link OnnxBlock#frozen()}.
     *
     * @throws OnnxException if the file is damaged or harmful, has operators that Engram does not
     *     have (all are named), or nothing in it trains
     * @throws IOException if it cannot be read
     */
    public OnnxBlock build() throws IOException {
        Path file = model;
        if (file == null) {
            throw new OnnxException("No model is set; call setModel with the path of the file");
        }
        OnnxModel read = OnnxModel.read(file).widened();
        return of((untieAliases ? read.untied() : read).withConstantsNamed());
    }

    private OnnxBlock of(OnnxModel used) {
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
        return new OnnxBlock(used, trained, frozen);
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
