package dev.engram.assistant.minilm;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.engram.assistant.corpus.Sentence;
import dev.engram.kit.files.AtomicReplacement;
import dev.engram.kit.files.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Sentences as MiniLM's numbers, computed once and kept in a folder. */
final class Embeddings {

    private static final int BATCH = 64;

    private final Path folder;
    private final MiniLm encoder;

    Embeddings(Path folder, MiniLm encoder) {
        this.folder = folder;
        this.encoder = encoder;
    }

    /** Returns a row a sentence. */
    NDArray of(List<Sentence> sentences, NDManager owner) throws IOException {
        List<String> texts = sentences.stream().map(Sentence::text).toList();
        Path file = folder.resolve(digest(texts) + ".f32");
        if (!Files.exists(file)) {
            write(texts, file, owner);
        }
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        float[] numbers = new float[texts.size() * MiniLm.WIDTH];
        bytes.asFloatBuffer().get(numbers);
        return owner.create(numbers, new Shape(texts.size(), MiniLm.WIDTH));
    }

    private void write(List<String> texts, Path file, NDManager owner) throws IOException {
        ByteBuffer bytes =
                ByteBuffer.allocate(texts.size() * MiniLm.WIDTH * Float.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < texts.size(); from += BATCH) {
            List<String> some = texts.subList(from, Math.min(texts.size(), from + BATCH));
            try (NDManager scratch = owner.newSubManager()) {
                for (float number : encoder.encode(some, scratch).toFloatArray()) {
                    bytes.putFloat(number);
                }
            }
        }
        // Of a name of its own: several processes may share the folder.
        Path part = Files.createTempFile(folder, "embeddings", ".part");
        Files.write(part, bytes.array());
        AtomicReplacement.of(part, file);
    }

    private static String digest(List<String> texts) {
        Sha256 sum = Sha256.begin();
        texts.forEach(text -> sum.put(text + "\n"));
        return sum.hex();
    }
}
