package dev.engram.lora.peft;

import java.util.Arrays;
import java.util.Optional;

/** The tensors that an adapted module may have; each by the end of its name in the file. */
enum Part {
    LORA_A(".lora_A.weight"),
    LORA_B(".lora_B.weight"),
    EMBEDDING_A(".lora_embedding_A"),
    EMBEDDING_B(".lora_embedding_B"),
    MAGNITUDE(".lora_magnitude_vector"),
    IA3(".ia3_l");

    private final String ending;

    Part(String ending) {
        this.ending = ending;
    }

    static Optional<Part> of(String key) {
        return Arrays.stream(values()).filter(part -> key.endsWith(part.ending)).findFirst();
    }

    String ending() {
        return ending;
    }

    String key(String modulePath) {
        return PeftAdapter.PREFIX + modulePath + ending;
    }

    String modulePath(String path) {
        return path.substring(0, path.length() - ending.length());
    }
}
