package dev.engram.generativereplay.vae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.generativereplay.internal.mixture.Catalog;
import dev.engram.generativereplay.internal.mixture.CatalogState;
import dev.engram.generativereplay.internal.network.LearntValues;
import dev.engram.generativereplay.internal.samples.Roll;
import dev.engram.kit.autograd.EngineMemory;

/** How a generator is written down. */
final class GeneratorState {

    private static final String SHAPE = "shape";
    private static final String VALUE = "value";
    private static final String LOG_ODDS = "log-odds";
    private static final String ROOM = "room";
    private static final String ENDS = "ends";
    private static final Roll ROLL = new Roll("inputs");
    private static final CatalogState CODES = new CatalogState("codes");

    private GeneratorState() {}

    static void save(Generator generator, MemoryWriter memory) {
        memory.text(SHAPE, generator.shape().written());
        ROLL.save(generator.classes(), generator.form(), memory);
        CODES.save(generator.codes(), memory);
        write(memory, LOG_ODDS, ROLL.name(), generator.frames().logOdds());
        write(memory, ROOM, ROLL.name(), generator.frames().room());
        write(memory, ENDS, ROLL.name(), generator.frames().range());
        generator.values().all().forEach((name, value) -> write(memory, VALUE, name, value));
    }

    private static void write(MemoryWriter memory, String kind, String name, NDArray array) {
        memory.tensor(kind, name, EngineMemory.copy(array, memory.manager()));
    }

    static boolean isThere(MemoryReader memory) {
        return memory.text(SHAPE).isPresent();
    }

    /**
     * Reads one back; the manager owns it.
     *
     * @param wanted what the settings say; the seed of the one that was written stays
     */
    static Generator restored(MemoryReader memory, Architecture wanted, NDManager owner) {
        Architecture shape = Architecture.read(memory.text(SHAPE).orElseThrow());
        if (!shape.isLike(wanted)) {
            throw new EngramException(
                    "The generator in the memory is %s, but the settings say %s: set what it was written with"
                            .formatted(shape, wanted));
        }
        NDManager manager = Generator.named(owner);
        try (NDManager call = owner.newSubManager()) {
            LearntValues values = new LearntValues(manager);
            memory.tensors(VALUE, call).forEach(values::put);
            Frames frames =
                    new Frames(
                            ROLL.tensor(memory, LOG_ODDS, call),
                            ROLL.tensor(memory, ROOM, call),
                            ROLL.tensor(memory, ENDS, call));
            Catalog codes = CODES.restored(memory, manager);
            return Generator.of(
                    shape, ROLL.form(memory), codes, frames.copy(manager), values, manager);
        }
    }
}
