package dev.engram.generativereplay.text;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.engram.djl.ForgettingListener;
import dev.engram.kit.files.Safetensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The memory directory is searched for eight tokens in a row of any sample that was trained on. */
class NoTextIsKeptTest {

    private static final int SAMPLES = 32;
    private static final int PIECE = 8;

    @TempDir Path memory;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void noEightTokensOfASampleAreInTheMemory(boolean keep) throws IOException {
        Map<String, Object> settings =
                Map.of("keep", keep, "texts", 64, "top", 2, "first-tokens", "task-1=2, task-2=8");
        try (Model model = Languages.model();
                ForgettingListener listener =
                        ForgettingListener.builder()
                                .addStrategy("self-rehearsal", settings)
                                .optMemory(memory)
                                .build()) {
            Languages.fit(model, 0, SAMPLES, 100, listener);
            Languages.fit(model, 1, SAMPLES, 100, listener);
            assertThat(Languages.perplexity(model, 1)).isLessThan(2.6);
        }
        assertThat(files()).anyMatch(file -> file.toString().endsWith("manifest.json"));
        assertThat(files().stream().anyMatch(file -> file.toString().contains("texts")))
                .isEqualTo(keep);
        assertThat(found(0)).isZero();
        assertThat(found(1)).isZero();
    }

    @Test
    void thePieceOfASampleThatLiesThereIsFound() throws IOException {
        long[] sample = Arrays.copyOfRange(Languages.texts(0, SAMPLES, 0), 0, Languages.LENGTH);
        Files.write(memory.resolve("kept"), numbers(sample, Integer.BYTES));
        assertThat(found(0)).isPositive();
        Files.write(memory.resolve("kept"), numbers(sample, Long.BYTES));
        assertThat(found(0)).isPositive();
        Files.write(memory.resolve("kept"), text(sample).getBytes(StandardCharsets.UTF_8));
        assertThat(found(0)).isPositive();
    }

    private int found(int language) throws IOException {
        int width = Languages.LENGTH + 1;
        long[] texts = Languages.texts(language, SAMPLES, language);
        List<byte[]> files = contents();
        int found = 0;
        for (int from = 0; from < texts.length; from++) {
            if (from % width + PIECE <= width) {
                for (byte[] piece : pieces(Arrays.copyOfRange(texts, from, from + PIECE))) {
                    found += files.stream().anyMatch(file -> contains(file, piece)) ? 1 : 0;
                }
            }
        }
        return found;
    }

    private static List<byte[]> pieces(long[] tokens) {
        return List.of(
                numbers(tokens, Byte.BYTES),
                numbers(tokens, Short.BYTES),
                numbers(tokens, Integer.BYTES),
                numbers(tokens, Long.BYTES),
                text(tokens).getBytes(StandardCharsets.UTF_8));
    }

    private static String text(long[] tokens) {
        return Arrays.stream(tokens).mapToObj(String::valueOf).collect(Collectors.joining(", "));
    }

    private static byte[] numbers(long[] tokens, int bytes) {
        ByteBuffer wide = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer all = ByteBuffer.allocate(tokens.length * bytes);
        for (long token : tokens) {
            all.put(wide.putLong(0, token).array(), 0, bytes);
        }
        return all.array();
    }

    private static boolean contains(byte[] bytes, byte[] piece) {
        for (int at = 0; at <= bytes.length - piece.length; at++) {
            if (Arrays.equals(bytes, at, at + piece.length, piece, 0, piece.length)) {
                return true;
            }
        }
        return false;
    }

    /** Returns what is in each file; of texts that are kept each one alone, for they end. */
    private List<byte[]> contents() throws IOException {
        List<byte[]> contents = new ArrayList<>();
        try (NDManager manager = NDManager.newBaseManager()) {
            for (Path file : files()) {
                if (file.toString().endsWith("-texts.safetensors")) {
                    for (NDArray texts : Safetensors.read(file, manager).values()) {
                        texts.split(texts.getShape().get(0)).stream()
                                .map(text -> text.toType(DataType.INT64, true).toLongArray())
                                .forEach(text -> contents.add(numbers(text, Long.BYTES)));
                    }
                } else {
                    contents.add(Files.readAllBytes(file));
                }
            }
        }
        return contents;
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(memory)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }
}
