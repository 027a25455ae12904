package dev.engram.lora.peft;

import static dev.engram.lora.peft.RawAdapter.A;
import static dev.engram.lora.peft.RawAdapter.B;
import static dev.engram.lora.peft.RawAdapter.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import dev.engram.api.EngramException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DamagedPeftFilesTest {

    @TempDir private Path root;
    private NDManager manager;

    @BeforeEach
    void open() {
        manager = NDManager.newBaseManager(Device.cpu(), "PyTorch");
    }

    @AfterEach
    void close() {
        manager.close();
    }

    static Stream<Arguments> headers() {
        String b = entry(B, "F32", "1,2", 24, 32);
        return Stream.of(
                arguments("{" + entry(A, "F32", "2,3", 0, 24), "header cannot be read"),
                arguments("[]", "header cannot be read"),
                arguments("{" + b + "} {}", "header cannot be read"),
                arguments("{\"x\":" + "[".repeat(9_000) + "}", "header cannot be read"),
                arguments("{\"__metadata__\":" + "{\"a\":".repeat(9_000), "header cannot be read"),
                arguments("{\"" + A + "\":{\"dtype\":\"F32\"}}", A + " lacks one of dtype"),
                arguments("{\"" + A + "\":7}", "header cannot be read"),
                arguments(both("F32", "2,3", 0, 24, b + "," + b), B + " is there twice"),
                arguments(both("F32", "2,3", -8, 16, b), A + " has no span of bytes"),
                arguments(both("F32", "2,3", 24, 0, b), A + " has no span of bytes"),
                arguments(both("F32", "2,4", 0, 24, b), A + " has 24 bytes, but shape [2, 4]"),
                arguments(both("F32", "2,-3", 0, 24, b), "no possible number"),
                arguments(both("F32", "4294967296,4294967296", 0, 24, b), "no possible number"),
                arguments(both("F32", "2147483647,2147483647,8", 0, 24, b), "no possible number"),
                arguments(both("F32", "2,3e99", 0, 24, b), "header cannot be read"),
                arguments(both("F32", "1,".repeat(40) + "6", 0, 24, b), "more than 32 axes"),
                arguments(both("U16", "2,3", 0, 12, b), A + " is of type U16"),
                arguments(both("F32", "2,3", 8, 32, b), A + " begins at byte 8"),
                arguments(
                        both("F32", "2,3", 0, 24, entry(B, "F32", "1,2", 20, 28)),
                        B + " begins at byte 20, but the tensor before it ends at 24"),
                arguments(
                        both("F32", "2,3", 0, 24, entry(B, "F32", "1,2", 32, 40)),
                        B + " ends at byte 40 of the values, of which there are 32"),
                arguments(
                        both("F32", "2,3", 0, 24, entry(B, "F32", "268435456,2", 24, 2147483672L)),
                        "2 GiB"),
                arguments("{" + entry(A, "F32", "2,3", 0, 24) + "}", "8 bytes follow"));
    }

    private static String both(String type, String shape, long begin, long end, String other) {
        return "{" + entry(A, type, shape, begin, end) + "," + other + "}";
    }

    @ParameterizedTest
    @MethodSource("headers")
    void aWrongHeaderIsNamed(String header, String expected) throws IOException {
        new RawAdapter(root).config().tensors(header, RawAdapter.floats(8));
        refused("adapter_model.safetensors", expected);
    }

    @Test
    void everyTruncationIsNoticed() throws IOException {
        new RawAdapter(root).config().tensors();
        Path file = root.resolve("adapter_model.safetensors");
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            refused("adapter_model.safetensors");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, -1, Long.MIN_VALUE, 1_000_000})
    void aHeaderBeyondTheFileIsNoticed(long length) throws IOException {
        byte[] bytes =
                ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN).putLong(length).array();
        new RawAdapter(root).config().file(bytes);
        refused("states a header of " + Long.toUnsignedString(length));
    }

    @Test
    void randomDamageNeverCrashes() throws IOException {
        new RawAdapter(root).config().tensors();
        Path file = root.resolve("adapter_model.safetensors");
        byte[] whole = Files.readAllBytes(file);
        Random random = new Random(5);
        for (int run = 0; run < 2_000; run++) {
            byte[] bytes = whole.clone();
            for (int i = 0; i <= run % 3; i++) {
                bytes[random.nextInt(bytes.length - 32)] = (byte) random.nextInt();
            }
            Files.write(file, bytes);
            try {
                PeftFiles.read(root, manager).tensors().values().forEach(array -> array.close());
            } catch (EngramException e) {
                assertThat(e).hasMessageContaining("adapter_model.safetensors");
            }
        }
        assertThat(manager.getManagedArrays()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{'r': 2}",
                "{\"r\": NaN}",
                "{\"r\": 2, \"r\": 2}",
                "{\"auto_mapping\": {\"a\": 1, \"a\": 2}}",
                "{} {}",
                "\u0000"
            })
    void aConfigurationThatIsNoJsonIsNamed(String text) throws IOException {
        new RawAdapter(root).config(text).tensors();
        refused("adapter_config.json is no valid JSON");
    }

    @Test
    void aDeepOrHugeConfigurationIsNamed() throws IOException {
        new RawAdapter(root).config("{\"a\":" + "[".repeat(100_000)).tensors();
        refused("adapter_config.json is no valid JSON");
        new RawAdapter(root).config(" ".repeat(5 << 20)).tensors();
        refused("adapter_config.json has 5242880 bytes");
    }

    @Test
    void bytesThatAreNoTextAreNamed() throws IOException {
        new RawAdapter(root).config().tensors();
        Files.write(root.resolve("adapter_config.json"), new byte[] {'{', (byte) 0xff, '}'});
        refused("adapter_config.json is no valid JSON");
    }

    @Test
    void anAdapterInSeveralFilesIsRefusedWithTheReason() throws IOException {
        new RawAdapter(root).config();
        Files.writeString(root.resolve("adapter_model.safetensors.index.json"), "{}");
        refused("the tensors are in several files");
    }

    @Test
    void optionsThatMatterAreAllNamed() throws IOException {
        new RawAdapter(root)
                .with("layer_replication", "[[0,2],[1,3]]")
                .with("megatron_config", "{\"a\":1}")
                .with("loftq_config", "{\"loftq_bits\":4}")
                .with("use_qalora", "true")
                .with("trainable_token_indices", "[3]")
                .with("lora_bias", "true")
                .with("target_parameters", "[\"p\"]")
                .with("of_the_future", "0.5")
                .with("init_lora_weights", "\"pissa_niter_4\"")
                .with("r", "1e999999999")
                .with("bias", "\"some\"")
                .with("use_dora", "1")
                .with("rank_pattern", "{\"q\": 0.5}")
                .config()
                .tensors();
        refused(
                "adapter_config.json",
                "layer_replication is [[0,2],[1,3]]",
                "megatron_config is",
                "loftq_config is",
                "use_qalora is true",
                "trainable_token_indices is",
                "lora_bias is true",
                "target_parameters is",
                "of_the_future is 0.5",
                "init_lora_weights is pissa_niter_4",
                "r is 1e999999999; it must be a whole number",
                "bias is \"some\"; it must be one of none, all, lora_only",
                "use_dora is 1; it must be true or false",
                "rank_pattern is {\"q\":0.5}");
    }

    @Test
    void optionsThatAreOffAreKept() throws IOException {
        new RawAdapter(root)
                .with("eva_config", "null")
                .with("of_the_future", "[]")
                .with("of_tomorrow", "false")
                .with("qalora_group_size", "16")
                .with("init_lora_weights", "\"gaussian\"")
                .config()
                .tensors();
        PeftAdapter adapter = PeftFiles.read(root, manager);
        assertThat(adapter.config().toJson()).contains("\"of_tomorrow\": false", "of_the_future");
    }

    @ParameterizedTest
    @ValueSource(strings = {"(.*.*.*.*.*.*.*.*)*!", "(", "((((((((((q)*)*)*)*)*)*)*)*)*)*!"})
    void patternsThatHarmAreNamed(String pattern) throws IOException {
        new RawAdapter(root).with("rank_pattern", "{\"" + pattern + "\": 2}").config();
        String name = "base_model.model." + "q".repeat(600) + ".q.lora_";
        String header =
                "{%s,%s}"
                        .formatted(
                                entry(name + "A.weight", "F32", "2,3", 0, 24),
                                entry(name + "B.weight", "F32", "1,2", 24, 32));
        new RawAdapter(root)
                .with("rank_pattern", "{\"" + pattern + "\": 2}")
                .config()
                .tensors(header, RawAdapter.floats(8));
        refused(pattern);
    }

    @Test
    void missingFilesAreAllNamed() throws IOException {
        refused("adapter_config.json is missing", "adapter_model.safetensors is missing");
        Files.write(root.resolve("adapter_model.bin"), new byte[3]);
        refused("adapter_model.bin is a pickle");
    }

    @ParameterizedTest
    @ValueSource(strings = {"what?", "", "# base 12", "\u0000"})
    void damagedChecksumsAreNamed(String text) throws IOException {
        new RawAdapter(root).config().tensors();
        Files.writeString(root.resolve("engram.sha256"), text);
        refused("engram.sha256");
    }

    private void refused(String... expected) {
        assertThatThrownBy(() -> PeftFiles.read(root, manager))
                .isInstanceOf(EngramException.class)
                .hasMessageContainingAll(expected);
        assertThat(manager.getManagedArrays()).isEmpty();
    }
}
