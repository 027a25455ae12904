package dev.engram.adapters;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import dev.engram.kit.overlay.NewArrays;

/**
 * Creates parameters with arrays that require a gradient.
 *
 * @param arrays creates the arrays
 */
record NewParameters(NewArrays arrays) {

    Parameter uniform(String name, long rows, long columns) {
        return of(name, arrays.uniform(rows, columns));
    }

    Parameter zeros(String name, long... shape) {
        return of(name, arrays.zeros(shape));
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
