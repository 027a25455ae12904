package dev.engram.kit.calls;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import java.util.Map;
import java.util.Optional;

/**
 * The share that something has in the memory of the guard that drives it: whatever the two call
 * their texts and tensors, they keep them apart, each with a version of its own.
 *
 * @param name of the share, which precedes each key and kind
 */
record PartMemory(String name) {

    /** Returns the writer of the share; notes the version of what will be written. */
    MemoryWriter writer(MemoryWriter whole, int stateVersion) {
        whole.text(name, String.valueOf(stateVersion));
        return new MemoryWriter() {
            @Override
            public void text(String key, String value) {
                whole.text(key(key), value);
            }

            @Override
            public void tensor(String kind, String parameter, NDArray value) {
                whole.tensor(kind(kind), parameter, value);
            }

            @Override
            public NDManager manager() {
                return whole.manager();
            }
        };
    }

    /**
     * Returns the reader of the share; nothing if there was none.
     *
     * @param part that will read it, which must know the version that was written
     */
    Optional<MemoryReader> reader(MemoryReader whole, PluginPart part, int known) {
        return whole.text(name)
                .map(Integer::valueOf)
                .map(written -> new Share(whole, part.requireKnown(written, known)));
    }

    private String key(String key) {
        return name + "." + key;
    }

    private String kind(String kind) {
        return name + "-" + kind;
    }

    private final class Share implements MemoryReader {

        private final MemoryReader whole;
        private final int stateVersion;

        Share(MemoryReader whole, int stateVersion) {
            this.whole = whole;
            this.stateVersion = stateVersion;
        }

        @Override
        public Optional<String> text(String key) {
            return whole.text(key(key));
        }

        @Override
        public Map<String, NDArray> tensors(String kind, NDManager manager) {
            return whole.tensors(kind(kind), manager);
        }

        @Override
        public int stateVersion() {
            return stateVersion;
        }

        @Override
        public NDManager manager() {
            return whole.manager();
        }
    }
}
