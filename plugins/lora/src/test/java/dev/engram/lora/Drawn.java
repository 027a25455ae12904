package dev.engram.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.nn.Parameter;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.api.task.Task;
import dev.engram.djl.tasks.TaskRegistry;

/** Tasks with drawn values, as if they had been trained. */
final class Drawn {

    private Drawn() {}

    /** Adds a task of the registry's own method. */
    static void add(TaskRegistry tasks, String name, float spread) {
        tasks.add(name, (isolation, base) -> task(isolation, base, name, spread));
    }

    /** Adds a task of another method, as one from a file may be. */
    static void add(TaskRegistry tasks, String name, LoraIsolation.Builder method) {
        tasks.add(name, (isolation, base) -> task(method.build(), base, name, 0.3f));
    }

    private static TaskParameters task(
            ParameterIsolation isolation, BaseModel base, String name, float spread) {
        TaskParameters task = isolation.create(base, Task.named(name));
        base.manager().getEngine().setRandomSeed(name.hashCode());
        for (Parameter own : task.parameters().values()) {
            NDArray array = own.getArray();
            array.setRequiresGradient(false);
            array.addi(base.manager().randomNormal(0, spread, array.getShape(), DataType.FLOAT32));
        }
        return task;
    }
}
