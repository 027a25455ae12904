package dev.engram.onnx.adapter;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.engram.api.EngramException;
import dev.engram.api.Experimental;
import dev.engram.onnx.internal.proto.ExternalData;
import dev.engram.onnx.internal.proto.ModelFile;
import dev.engram.onnx.internal.proto.WeightUses;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The slots of a prepared model: where ONNX Runtime may put a task's adapter.
 *
 * <p>Each selected layer gets {@code + MatMul(MatMul(x, A), B)}; A and B are optional inputs of
 * rank 0, so that without an adapter nothing is added and the outputs are those of the original. A
 * prepared file is an ordinary ONNX file.
 *
 * <p>A pair changes what the layers with its slot compute, not the weight: other uses of the same
 * weight, such as the embedding of a tied head, stay as they are. {@link #unadapted} names them;
 * {@link LearntAdapter}, whose pairs were learnt as changes of the weight, refuses such weights.
 */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class AdapterSlots {

    private final Path file;
    private final String fingerprint;
    private final Map<String, AdapterSlot> slots;
    private final Map<String, List<String>> unadapted = new HashMap<>();
    private final Map<String, Set<String>> aliases = new HashMap<>();

    private AdapterSlots(
            Path file, String fingerprint, Map<String, AdapterSlot> slots, WeightUses uses) {
        this.file = file;
        this.fingerprint = fingerprint;
        this.slots = Collections.unmodifiableMap(slots);
        slots.keySet().forEach(weight -> unadapted.put(weight, uses.others(weight)));
        slots.keySet().forEach(weight -> aliases.put(weight, uses.aliases(weight)));
    }

    /** Returns the layers of a model that can get a slot. */
    public static List<AdaptableLayer> candidates(Path model) {
        return new LayerScan(ModelFile.read(model).getGraph()).layers();
    }

    /**
     * Writes a copy of a model that has slots; the target appears as a whole or not at all.
     *
     * @throws EngramException if a part of the selection finds no layer (it lists those there are),
     *     the model has values of the names that slots need, or it cannot be changed
     */
    public static AdapterSlots add(Path model, LayerSelection selection, Path target) {
        requireOther(model, target);
        ModelProto original = ModelFile.read(model);
        requireOneFile(original, model);
        ModelProto.Builder prepared = original.toBuilder();
        new SlotSurgery(prepared, model.toString()).run(selection);
        ModelFile.setFingerprint(prepared, ModelFile.fingerprint(original, model));
        ModelFile.write(prepared.build(), target);
        return of(target);
    }

    /**
     * Returns the slots of a prepared file.
     *
     * @throws EngramException if it has none, or keeps weights in other files
     */
    public static AdapterSlots of(Path prepared) {
        ModelProto model = ModelFile.read(prepared);
        requireOneFile(model, prepared);
        SlotScan scan = new SlotScan(model.getGraph());
        Map<String, AdapterSlot> slots = new LinkedHashMap<>();
        scan.layers().values().forEach(layer -> slots.put(layer.weight(), slot(layer)));
        if (slots.isEmpty()) {
            throw new EngramException(
                    "%s has no slots for adapters: prepare it with AdapterSlots.add"
                            .formatted(prepared));
        }
        return new AdapterSlots(
                prepared,
                ModelFile.fingerprint(model, prepared),
                slots,
                new WeightUses(model.getGraph(), scan.layers().keySet()));
    }

    static AdapterSlot slot(AdaptableLayer layer) {
        return AdapterSlot.of(layer.weight(), layer.in(), layer.out(), layer.outFirst());
    }

    /** Returns the slots by the names of their weights. */
    public Map<String, AdapterSlot> byWeight() {
        return slots;
    }

    /**
     * Returns the slot of a weight.
     *
     * @throws EngramException if it has none, listing those there are
     */
    public AdapterSlot slot(String weight) {
        AdapterSlot slot = slots.get(weight);
        if (slot == null) {
            throw new EngramException(
                    "The model has no slot for %s; it has them for %s. Matrices of MatMul and Gemm can get one (AdapterSlots.candidates): name those alone as targets of lora"
                            .formatted(weight, slots.keySet()));
        }
        return slot;
    }

    /**
     * Returns the uses of a weight that have no slot, so that no adapter changes them: nodes, and
     * outputs of the graph. Usually there are none.
     */
    public List<String> unadapted(String weight) {
        return List.copyOf(unadapted.getOrDefault(slot(weight).weight(), List.of()));
    }

    /** Returns the prepared file. */
    Path file() {
        return file;
    }

    /** Returns the other names under which the file uses a weight as it is, or turned. */
    Set<String> aliases(String weight) {
        return aliases.getOrDefault(weight, Set.of());
    }

    /**
     * Returns the SHA-256 of the model file before it got its slots; of the prepared file itself if
     * anything but its metadata was changed since, which makes it another base.
     */
    public String baseFingerprint() {
        return fingerprint;
    }

    /**
     * Refuses an adapter that does not fit: one for another base, with layers that have no slot, or
     * of other shapes.
     *
     * @throws EngramException saying all that does not fit
     */
    public void require(OnnxAdapter adapter) {
        new FitCheck(this, adapter).run();
    }

    private static void requireOther(Path model, Path target) {
        try {
            if (Files.exists(target) && Files.isSameFile(model, target)) {
                throw new EngramException(
                        "The file with slots would take the place of %s, from which the task is trained: give it another name"
                                .formatted(model));
            }
        } catch (IOException e) {
            throw new EngramException(
                    "Cannot look at %s (%s): is the file there, and may this process read it?"
                            .formatted(target, e),
                    e);
        }
    }

    private static void requireOneFile(ModelProto model, Path file) {
        if (ExternalData.tensors(model.getGraph()).findAny().isPresent()) {
            throw new EngramException(
                    "%s keeps weights in other files, which are not part of its fingerprint: adapters of another base would load unseen; save it as one file"
                            .formatted(file));
        }
    }
}
