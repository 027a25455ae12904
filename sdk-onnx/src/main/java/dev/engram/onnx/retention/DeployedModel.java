package dev.engram.onnx.retention;

import dev.engram.api.Experimental;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A model as it is deployed: a file, and adapters for the tasks that have one. Immutable. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class DeployedModel {

    private final String name;
    private final Path file;
    private final Map<String, Path> adapters;

    private DeployedModel(String name, Path file, Map<String, Path> adapters) {
        adapters = Map.copyOf(adapters);
        this.name = name;
        this.file = file;
        this.adapters = adapters;
    }

    /**
     * Returns the deployed model with these values.
     *
     * @param name how it is called in reports, such as its version
     * @param file the model; with adapters, one that has slots
     * @param adapters the adapters by task; other tasks are judged by the base
     */
    public static DeployedModel of(String name, Path file, Map<String, Path> adapters) {
        return new DeployedModel(name, file, adapters);
    }

    /** Returns how it is called in reports, such as its version. */
    public String name() {
        return name;
    }

    /** Returns the model; with adapters, one that has slots. */
    public Path file() {
        return file;
    }

    /** Returns the adapters by task; other tasks are judged by the base. */
    public Map<String, Path> adapters() {
        return adapters;
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

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DeployedModel that
                && name.equals(that.name)
                && file.equals(that.file)
                && adapters.equals(that.adapters);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, file, adapters);
    }
}
