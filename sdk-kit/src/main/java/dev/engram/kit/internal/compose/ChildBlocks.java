package dev.engram.kit.internal.compose;

import ai.djl.nn.Block;
import ai.djl.nn.BlockList;
import dev.engram.kit.compose.Composition;

/** The children of a block by name, and what stands in for them. */
final class ChildBlocks {

    private final BlockList children;
    private final String path;
    private final Composition composition;

    ChildBlocks(Block parent, String path, Composition composition) {
        this.children = parent.getChildren();
        this.path = path;
        this.composition = composition;
    }

    /** Returns what stands in for a child whose name is known with its number. */
    Block anew(String name) {
        return composition.child(Composition.join(path, name), children.get(name));
    }

    Block anew(int place) {
        return anew(children.keyAt(place));
    }

    int size() {
        return children.size();
    }
}
