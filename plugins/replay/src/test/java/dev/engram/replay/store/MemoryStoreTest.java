package dev.engram.replay.store;

import ai.djl.ndarray.NDManager;

class MemoryStoreTest extends SampleStoreContract {

    @Override
    SampleStore open(NDManager manager) {
        return new MemoryStore(manager);
    }
}
