package dev.engram.prompt;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.BaseModel;
import dev.engram.djl.isolation.OwnParameters;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Creates trained vectors over a base.
 *
 * @param manager owns the arrays
 * @param type the type of the base's own parameters
 */
record NewVectors(BaseModel base, PromptDesign design, NDManager manager, DataType type) {

    private static final Set<DataType> POSSIBLE =
            Set.of(DataType.FLOAT16, DataType.FLOAT32, DataType.FLOAT64);
    private static final double SMALL = 0.02;

    static NewVectors over(BaseModel base, PromptDesign design, NDManager manager) {
        DataType type =
                base.parameters().values().stream()
                        .map(parameter -> parameter.getArray().getDataType())
                        .filter(DataType::isFloating)
                        .findFirst()
                        .orElse(DataType.FLOAT32);
        if (!POSSIBLE.contains(type)) {
            throw new EngramException(
                    "The model's parameters are of type %s, of which DJL cannot create arrays: load it as float32"
                            .formatted(type));
        }
        return new NewVectors(base, design, manager, type);
    }

    /** Returns vectors that stand among the embeddings of tokens. */
    Vectors amongTokens(int count, long width) {
        Optional<TokenEmbeddings> table = TokenEmbeddings.find(base, width, manager);
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
        return trained("keys", manager.randomUniform(-1, 1, new Shape(count, width), type));
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
        return manager.randomNormal(0, (float) deviation, new Shape(count, width), type);
    }

    private Vectors.@Nullable Network network(long width) {
        if (design.reparametrisation() == Reparametrisation.NONE) {
            return null;
        }
        boolean isResidual = design.reparametrisation() == Reparametrisation.RESIDUAL;
        long hidden = design.hidden() == 0 ? width : design.hidden();
        NDArray up = isResidual ? zeros(width, hidden) : uniform(width, hidden);
        return new Vectors.Network(
                trained("down_weight", uniform(hidden, width)),
                trained("down_bias", zeros(hidden)),
                trained("up_weight", up),
                trained("up_bias", zeros(width)),
                isResidual);
    }

    private NDArray uniform(long rows, long columns) {
        float bound = (float) (1 / Math.sqrt((double) columns));
        return manager.randomUniform(-bound, bound, new Shape(rows, columns), type);
    }

    private NDArray zeros(long... shape) {
        return manager.zeros(new Shape(shape), type);
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
