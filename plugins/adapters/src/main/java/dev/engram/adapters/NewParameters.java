package dev.engram.adapters;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.BaseModel;
import java.util.Set;

/**
 * Creates parameters with arrays that require a gradient.
 *
 * @param manager owns the arrays
 * @param type the type of the base's own parameters
 */
record NewParameters(NDManager manager, DataType type) {

    private static final Set<DataType> POSSIBLE =
            Set.of(DataType.FLOAT16, DataType.FLOAT32, DataType.FLOAT64);

    static NewParameters of(BaseModel base, NDManager manager) {
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
        return new NewParameters(manager, type);
    }

    /** Returns a matrix that keeps the size of what it multiplies, roughly. */
    Parameter uniform(String name, long rows, long columns) {
        float bound = (float) (1 / Math.sqrt((double) columns));
        return of(name, manager.randomUniform(-bound, bound, new Shape(rows, columns), type));
    }

    Parameter zeros(String name, long... shape) {
        return of(name, manager.zeros(new Shape(shape), type));
    }

    Parameter of(String name, NDArray array) {
        Parameter.Type kind =
                array.getShape().dimension() == 2 ? Parameter.Type.WEIGHT : Parameter.Type.BIAS;
        Parameter parameter = Parameter.builder().setName(name).setType(kind).build();
        parameter.setArray(array);
        parameter.freeze(false);
        return parameter;
    }
}
