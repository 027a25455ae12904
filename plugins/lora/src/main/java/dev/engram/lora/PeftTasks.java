package dev.engram.lora;

import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.api.isolation.BaseModel;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.isolation.TaskParameters;
import dev.engram.djl.tasks.TaskRegistry;
import dev.engram.lora.internal.update.SharedWeights;
import dev.engram.lora.peft.BaseFingerprint;
import dev.engram.lora.peft.ModuleNames;
import dev.engram.lora.peft.PeftAdapter;
import dev.engram.lora.peft.PeftFiles;
import java.nio.file.Path;

/**
 * Tasks of a registry as folders of Hugging Face PEFT, both ways: {@code adapter_config.json} and
 * {@code adapter_model.safetensors}.
 *
 * <p>The registry must be one of this family ({@code lora}, {@code dora}, {@code ia3}, {@code
 * o-lora}); an adapter brings its own rank, scale and targets, whatever the strategy's settings.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class PeftTasks {

    private PeftTasks() {}

    /**
     * Loads an adapter whose module paths are the names of the model's parameters.
     *
     * @see #load(TaskRegistry, String, Path, ModuleNames)
     */
    public static void load(TaskRegistry registry, String task, Path folder) {
        registry.add(
                task,
                (isolation, base) -> read(isolation, base, folder, ModuleNames.of(base.block())));
    }

    /**
     * Loads an adapter as a task; one of that name is replaced.
     *
     * @param names leads from the adapter's module paths to the model's parameters
     * @throws EngramException if files are damaged, if the adapter does not fit the model, naming
     *     each module and tensor, or if it states another base; nothing is changed then
     */
    public static void load(TaskRegistry registry, String task, Path folder, ModuleNames names) {
        registry.add(task, (isolation, base) -> read(isolation, base, folder, names));
    }

    /**
     * Writes a task for PEFT, with checksums and the fingerprint of the base beside it.
     *
     * @param baseModel how PEFT calls the base, a name or a path
     * @throws EngramException if PEFT has no form for what the task has, naming it
     */
    public static void save(TaskRegistry registry, String task, Path folder, String baseModel) {
        registry.read(task, (base, parameters) -> write(base, parameters, folder, baseModel));
    }

    private static TaskParameters read(
            ParameterIsolation isolation, BaseModel base, Path folder, ModuleNames names) {
        if (!(isolation instanceof LoraIsolation lora)) {
            throw new EngramException(
                    "\"%s\" has no files in PEFT's form; strategies of the lora family have"
                            .formatted(isolation.name()));
        }
        try (NDManager scope = base.manager().newSubManager()) {
            PeftAdapter adapter = PeftFiles.read(folder, scope, BaseFingerprint.of(base.block()));
            return new PeftImport(base, adapter, names).task(lora);
        }
    }

    private static Path write(
            BaseModel base, TaskParameters parameters, Path folder, String baseModel) {
        if (!(parameters instanceof LoraTask lora)) {
            throw new EngramException("PEFT has no form for what this task has");
        }
        try (NDManager scope = base.manager().newSubManager()) {
            PeftAdapter adapter =
                    new PeftExport(base, lora, SharedWeights.of(base), scope).adapter(baseModel);
            PeftFiles.write(adapter, folder, BaseFingerprint.of(base.block()));
            return folder;
        }
    }
}
