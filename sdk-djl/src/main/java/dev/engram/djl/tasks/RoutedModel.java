package dev.engram.djl.tasks;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.djl.internal.isolation.IsolatedBlock;
import java.util.Optional;

/** A model whose forward passes go to the task that is active, or to the base. */
final class RoutedModel {

    private final Model model;
    private final IsolatedBase base;
    private final LoadedTasks loaded;
    private final IsolatedBlock root;

    RoutedModel(Model model, IsolatedBase base, LoadedTasks loaded) {
        this.model = model;
        this.base = base;
        this.loaded = loaded;
        this.root = new IsolatedBlock(base.block(), this::route, base::run);
    }

    void install() {
        model.setBlock(root);
    }

    void uninstall() {
        base.untouched();
        if (model.getBlock().equals(root)) {
            model.setBlock(base.block());
        }
    }

    TaskHandle handle(String name) {
        LoadedTask task = loaded.get(name);
        return new TaskHandle(
                name, model, new IsolatedBlock(base.block(), task::forward, base::run));
    }

    TaskHandle base() {
        return new TaskHandle("", model, new IsolatedBlock(base.block(), base::forward, base::run));
    }

    NDList route(ForwardPass pass) {
        LoadedTask now = loaded.active();
        while (now != null) {
            Optional<NDList> outputs = now.forwardIfLoaded(pass);
            if (outputs.isPresent()) {
                return outputs.get();
            }
            // It was replaced or unloaded just now: whatever is active instead answers.
            now = loaded.active();
        }
        return base.forward(pass);
    }
}
