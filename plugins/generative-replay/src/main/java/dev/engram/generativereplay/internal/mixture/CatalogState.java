package dev.engram.generativereplay.internal.mixture;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.generativereplay.internal.samples.Roll;
import dev.engram.kit.autograd.EngineMemory;
import java.util.stream.LongStream;

/**
 * How a catalog is written down.
 *
 * @param name under which it is
 */
public record CatalogState(String name) {

    /** Writes one down. */
    public void save(Catalog catalog, MemoryWriter memory) {
        tensor(memory, "frame", catalog.frame());
        tensor(memory, "range", catalog.range());
        tensor(memory, "means", catalog.means());
        tensor(memory, "axes", catalog.axes());
        NDManager own = memory.manager();
        long[] owners = catalog.owners().stream().mapToLong(Integer::longValue).toArray();
        long[] weights = catalog.weights().stream().mapToLong(Long::longValue).toArray();
        memory.tensor("owners", name, own.create(owners));
        memory.tensor("weights", name, own.create(weights));
        new Roll(name).save(catalog.classes(), catalog.form(), memory);
    }

    /** Reads one back; the manager owns it. */
    public Catalog restored(MemoryReader memory, NDManager owner) {
        NDManager manager = Catalog.named(owner);
        Roll roll = new Roll(name);
        return new Catalog(
                roll.form(memory),
                roll.classes(memory),
                longs(memory, "owners").mapToObj(Math::toIntExact).toList(),
                longs(memory, "weights").boxed().toList(),
                read(memory, "frame", manager),
                read(memory, "range", manager),
                read(memory, "means", manager),
                read(memory, "axes", manager),
                manager);
    }

    private void tensor(MemoryWriter memory, String kind, NDArray array) {
        memory.tensor(kind, name, EngineMemory.copy(array, memory.manager()));
    }

    private LongStream longs(MemoryReader memory, String kind) {
        try (NDManager call = memory.manager().newSubManager()) {
            return LongStream.of(new Roll(name).tensor(memory, kind, call).toLongArray());
        }
    }

    private NDArray read(MemoryReader memory, String kind, NDManager owner) {
        try (NDManager call = owner.newSubManager()) {
            return EngineMemory.copy(new Roll(name).tensor(memory, kind, call), owner);
        }
    }
}
