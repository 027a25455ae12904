package dev.engram.onnx.retention;

import dev.engram.api.Experimental;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model as it is deployed: a file, and adapters for the tasks that have one. Immutable.
 *
 * @param name how it is called in reports, such as its version
 * @param file the model; with adapters, one that has slots
 * @param adapters the adapters by task; other tasks are judged by the base
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public record DeployedModel(String name, Path file, Map<String, Path> adapters) {

    /** Copies the map. */
    public DeployedModel {
        adapters = Map.copyOf(adapters);
    }

    /** Returns a model without adapters, called as its file. */
    public static DeployedModel of(Path file) {
        return new DeployedModel(String.valueOf(file.getFileName()), file, Map.of());
    }

    /**
     * Returns whether another model would give the same answers because all its files, adapters
     * included, have the same bytes; reads them.
     */
    public boolean isSameAs(DeployedModel other) {
        return SameModel.is(this, other);
    }

    /** Returns this model under another name. */
    public DeployedModel named(String other) {
        return new DeployedModel(other, file, adapters);
    }

    /** Returns this model with an adapter for a task. */
    public DeployedModel withAdapter(String task, Path adapter) {
        Map<String, Path> more = new LinkedHashMap<>(adapters);
        more.put(task, adapter);
        return new DeployedModel(name, file, more);
    }
}
