package dev.engram.prompttuning;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.BaseModel;
import dev.engram.kit.overlay.NewArrays;
import dev.engram.kit.overlay.OwnParameters;
import dev.engram.prompttuning.internal.parts.TokenEmbeddings;
import dev.engram.prompttuning.internal.parts.Vectors;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Creates trained vectors over a base.
 *
 * @param arrays creates the arrays
 */
record NewVectors(BaseModel base, PromptDesign design, NewArrays arrays) {

    private static final double SMALL = 0.02;

    static NewVectors over(BaseModel base, PromptDesign design, NDManager manager) {
        return new NewVectors(base, design, NewArrays.like(base, manager));
    }

    /** Returns vectors that stand among the embeddings of tokens. */
    Vectors amongTokens(int count, long width) {
        Optional<TokenEmbeddings> table = TokenEmbeddings.find(base, width, arrays.manager());
        return new Vectors(trained("vectors", start(table, count, width)), network(width));
    }

    /** Returns vectors that stand among features of a layer. */
    Vectors amongFeatures(int count, long width) {
        return new Vectors(
                trained("vectors", normal(deviation(Optional.empty()), count, width)),
                network(width));
    }

    /** Returns the keys of a pool (Wang et al. 2022). */
    Parameter keys(int count, long width) {
        return trained(
                "keys",
                arrays.manager().randomUniform(-1, 1, new Shape(count, width), arrays.type()));
    }

    private NDArray start(Optional<TokenEmbeddings> table, int count, long width) {
        Initialisation from = design.initialisation();
        if (from == Initialisation.RANDOM) {
            return normal(deviation(table), count, width);
        }
        TokenEmbeddings found = table.orElseThrow(() -> noTable(from, width));
        return from == Initialisation.TOKENS
                ? found.rows(design.tokens(), count)
                : normal(deviation(table), count, width).add(found.mean(design.tokens()));
    }

    private double deviation(Optional<TokenEmbeddings> table) {
        if (design.deviation() > 0) {
            return design.deviation();
        }
        // A network needs inputs of a size that it can tell apart.
        return design.reparametrisation() == Reparametrisation.MLP
                ? 1
                : table.map(TokenEmbeddings::deviation).filter(found -> found > 0).orElse(SMALL);
    }

    private NDArray normal(double deviation, int count, long width) {
        return arrays.manager()
                .randomNormal(0, (float) deviation, new Shape(count, width), arrays.type());
    }

    private Vectors.@Nullable Network network(long width) {
        if (design.reparametrisation() == Reparametrisation.NONE) {
            return null;
        }
        boolean isResidual = design.reparametrisation() == Reparametrisation.RESIDUAL;
        long hidden = design.hidden() == 0 ? width : design.hidden();
        NDArray up = isResidual ? arrays.zeros(width, hidden) : arrays.uniform(width, hidden);
        return new Vectors.Network(
                trained("down_weight", arrays.uniform(hidden, width)),
                trained("down_bias", arrays.zeros(hidden)),
                trained("up_weight", up),
                trained("up_bias", arrays.zeros(width)),
                isResidual);
    }

    private static Parameter trained(String name, NDArray values) {
        return OwnParameters.trained(name, values);
    }

    private static EngramException noTable(Initialisation from, long width) {
        return new EngramException(
                "initialise = %s needs token embeddings of width %d, and the model has none in a block called ...Embedding: write initialise = random"
                        .formatted(PromptSettings.INITIALISE.format(from), width));
    }
}
