package dev.engram.kit.overlay;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.EngramException;
import dev.engram.api.Stable;
import dev.engram.api.isolation.BaseModel;
import java.util.Set;

/** Creates the arrays with which a task's own parameters begin. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class NewArrays {

    private static final Set<DataType> POSSIBLE =
            Set.of(DataType.FLOAT16, DataType.FLOAT32, DataType.FLOAT64);

    private final NDManager manager;
    private final DataType type;

    private NewArrays(NDManager manager, DataType type) {
        this.manager = manager;
        this.type = type;
    }

    /**
     * Returns the new arrays with these values.
     *
     * @param manager owns them
     * @param type of their values
     */
    public static NewArrays of(NDManager manager, DataType type) {
        return new NewArrays(manager, type);
    }

    /** Returns what owns them. */
    public NDManager manager() {
        return manager;
    }

    /** Returns the type of their values. */
    public DataType type() {
        return type;
    }

    /**
     * Creates arrays of the type that the base's own parameters have.
     *
     * @throws EngramException if DJL cannot create arrays of that type
     */
    public static NewArrays like(BaseModel base, NDManager manager) {
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
        return new NewArrays(manager, type);
    }

    /** Returns a matrix that keeps the size of what it multiplies, roughly. */
    public NDArray uniform(long rows, long columns) {
        float bound = (float) (1 / Math.sqrt((double) columns));
        return manager.randomUniform(-bound, bound, new Shape(rows, columns), type);
    }

    /** Returns zeros. */
    public NDArray zeros(long... shape) {
        return manager.zeros(new Shape(shape), type);
    }
}
