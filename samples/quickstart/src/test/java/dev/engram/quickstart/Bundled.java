package dev.engram.quickstart;

import java.util.stream.Stream;

/** The bundled strategies by id, for tests that each of a kind must pass. */
final class Bundled {

    private Bundled() {}

    /** Those that train the model's own weights. */
    static Stream<String> overOwnWeights() {
        return Stream.of(
                "ewc",
                "ewc-online",
                "mas",
                "si",
                "rwalk",
                "er",
                "er-ace",
                "der",
                "der-plus-plus",
                "a-gem",
                "averaging",
                "lwf",
                "kl",
                "feature-distillation",
                "owm",
                "gpm",
                "nscl",
                "la-maml",
                "meta-sgd");
    }

    /** The same, and one that isolates. */
    static Stream<String> withLora() {
        return Stream.concat(overOwnWeights(), Stream.of("lora"));
    }

    /** The same, and all that isolate in any model of layers. */
    static Stream<String> withIsolations() {
        return Stream.concat(withLora(), Stream.of("dora", "ia3", "o-lora", "adapters"));
    }
}
