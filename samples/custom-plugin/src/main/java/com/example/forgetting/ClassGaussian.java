package com.example.forgetting;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.task.Task;

/** What is kept of a class: mean and deviation of each input, and from how many samples. */
record ClassGaussian(
        String task, float label, long count, float[] mean, float[] deviation, Form form) {

    /** What samples must have in common to be in one batch. */
    record Form(Shape input, Shape label, DataType labelType) {}

    boolean isOf(Task other) {
        return task.equals(other.name());
    }

    void save(MemoryWriter memory, String name) {
        NDManager own = memory.manager();
        memory.text(name, task);
        memory.text(name + "-count", String.valueOf(count));
        memory.tensor("mean", name, own.create(mean, form.input()));
        memory.tensor("deviation", name, own.create(deviation, form.input()));
        NDArray one = own.create(new float[] {label}, form.label());
        memory.tensor("label", name, one.toType(form.labelType(), false));
    }

    static ClassGaussian restored(MemoryReader memory, String name, NDManager manager) {
        NDArray mean = memory.tensors("mean", manager).get(name);
        NDArray label = memory.tensors("label", manager).get(name);
        return new ClassGaussian(
                memory.text(name).orElseThrow(),
                label.toType(DataType.FLOAT32, false).toFloatArray()[0],
                Long.parseLong(memory.text(name + "-count").orElseThrow()),
                mean.toFloatArray(),
                memory.tensors("deviation", manager).get(name).toFloatArray(),
                new Form(mean.getShape(), label.getShape(), label.getDataType()));
    }
}
