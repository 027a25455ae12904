package dev.engram.lora.peft;

import static dev.engram.lora.peft.RawAdapter.A;
import static dev.engram.lora.peft.RawAdapter.B;
import static dev.engram.lora.peft.RawAdapter.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.engram.api.EngramException;
import dev.engram.kit.files.Checksums;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeftFilesTest {

    private static final String BASE = "0123456789abcdef".repeat(4);

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

    @Test
    void aFolderThatPeftWroteIsRead() throws IOException {
        Path real = Path.of("src/test/resources/peft/real");
        PeftAdapter adapter = PeftFiles.read(real, manager);

        assertThat(adapter.isVerified()).isFalse();
        assertThat(adapter.baseFingerprint()).isEmpty();
        assertThat(adapter.layers()).hasSize(4);
        PeftLayer query = adapter.layers().get("bert.encoder.layer.0.attention.self.query");
        assertThat(query.a().orElseThrow().getShape()).isEqualTo(new Shape(4, 32));
        assertThat(query.b().orElseThrow().getShape()).isEqualTo(new Shape(32, 4));
        assertThat(query.scaling()).isEqualTo(2);
        assertThat(adapter.saved()).containsOnlyKeys("classifier.weight", "classifier.bias");
        assertThat(adapter.config().taskType()).contains("SEQ_CLS");
        assertThat(adapter.config().modulesToSave()).containsExactly("classifier", "score");
        requireSums(adapter, real.resolve("expected.json"));
    }

    static void requireSums(PeftAdapter adapter, Path expected) throws IOException {
        JsonObject tensors =
                JsonParser.parseString(Files.readString(expected))
                        .getAsJsonObject()
                        .getAsJsonObject("tensors");
        assertThat(adapter.tensors()).containsOnlyKeys(tensors.keySet());
        adapter.tensors()
                .forEach(
                        (name, array) ->
                                assertThat(Checksums.of(array))
                                        .as(name)
                                        .isEqualTo(
                                                tensors.getAsJsonObject(name)
                                                        .get("sha256")
                                                        .getAsString()));
    }

    @Test
    void whatIsWrittenIsReadBackWithItsChecksums() throws IOException {
        PeftAdapter real = PeftFiles.read(Path.of("src/test/resources/peft/real"), manager);
        Path folder = root.resolve("deep/copy");
        PeftFiles.write(real, folder, BASE);
        PeftAdapter back = PeftFiles.read(folder, manager, BASE);

        assertThat(back.isVerified()).isTrue();
        assertThat(back.baseFingerprint()).contains(BASE);
        assertThat(back.config()).isEqualTo(real.config());
        requireSums(back, Path.of("src/test/resources/peft/real/expected.json"));
        assertThat(root.resolve("deep")).isDirectoryContaining("glob:**/copy");
        assertThat(names(root.resolve("deep"))).containsExactly("copy");
    }

    @Test
    void anAdapterOfEngramIsBuiltWrittenAndRead() {
        PeftConfig config =
                PeftConfig.lora(2, 3)
                        .setTargetModules(List.of("net.q", "net.e"))
                        .optModulesToSave(List.of("head"))
                        .optRankStabilized(true)
                        .optDora(true)
                        .optBias("lora_only")
                        .optAlphaPattern(Map.of("e", 1.5))
                        .build();
        PeftAdapter adapter =
                PeftAdapter.builder(config)
                        .addLora(
                                "net.q",
                                manager.ones(new Shape(2, 3)),
                                manager.ones(new Shape(5, 2)))
                        .addMagnitude("net.q", manager.ones(new Shape(5)))
                        .addEmbedding(
                                "net.e",
                                manager.ones(new Shape(2, 9)),
                                manager.ones(new Shape(4, 2)))
                        .addMagnitude("net.e", manager.ones(new Shape(4)))
                        .addSaved("head.weight", manager.ones(new Shape(1, 5)))
                        .addSaved("net.q.bias", manager.ones(new Shape(5)))
                        .build();
        PeftFiles.write(adapter, root.resolve("a"));
        PeftAdapter back = PeftFiles.read(root.resolve("a"), manager);

        assertThat(back.config()).isEqualTo(config);
        assertThat(back.tensors()).containsKey("base_model.model.net.q.base_layer.bias");
        assertThat(back.saved()).containsOnlyKeys("head.weight", "net.q.bias");
        assertThat(back.layers().get("net.q").scaling()).isEqualTo(3 / Math.sqrt(2));
        assertThat(back.layers().get("net.e").scaling()).isEqualTo(1.5 / Math.sqrt(2));
        assertThat(back.layers().get("net.e").isEmbedding()).isTrue();
    }

    @Test
    void bothHalfPrecisionsBecomeFloats() throws IOException {
        String header =
                "{%s,%s}".formatted(entry(A, "F16", "2,3", 0, 12), entry(B, "BF16", "1,2", 12, 16));
        new RawAdapter(root)
                .config()
                .tensors(
                        header,
                        RawAdapter.shorts(
                                0x3c00, 0x8001, 0x7c00, 0x8000, 0x7bff, 0x0400, 0x3f80, 0xc049));
        PeftAdapter adapter = PeftFiles.read(root, manager);

        float[] half = adapter.tensors().get(A).toFloatArray();
        assertThat(half)
                .containsExactly(1f, -0x1p-24f, Float.POSITIVE_INFINITY, -0f, 65504f, 0x1p-14f);
        assertThat(adapter.tensors().get(B).toFloatArray()).containsExactly(1f, -3.140625f);
    }

    @Test
    void metadataIsPassedOver() throws IOException {
        String header =
                "{\"__metadata__\":{\"format\":\"pt\"},%s,%s}  "
                        .formatted(entry(B, "F32", "1,2", 0, 8), entry(A, "F32", "2,3", 8, 32));
        new RawAdapter(root).config().tensors(header, RawAdapter.floats(8));
        assertThat(PeftFiles.read(root, manager).tensors().get(A).toFloatArray())
                .containsExactly(2, 3, 4, 5, 6, 7);
    }

    @Test
    void allThatContradictsIsNamedAtOnce() throws IOException {
        String header =
                "{%s,%s,%s,%s,%s}"
                        .formatted(
                                entry(A, "F32", "3,1", 0, 12),
                                entry(
                                        "base_model.model.net.x.q.lora_B.weight",
                                        "F32",
                                        "1,2",
                                        12,
                                        20),
                                entry("base_model.model.net.k.ia3_l", "F32", "2,1", 20, 28),
                                entry("net.q.weight", "F32", "", 28, 32),
                                entry("base_model.model.net.q.weight", "F32", "", 32, 36));
        new RawAdapter(root).config().tensors(header, RawAdapter.floats(9));
        assertThatThrownBy(() -> PeftFiles.read(root, manager))
                .isInstanceOf(EngramException.class)
                .hasMessageContainingAll(
                        "adapter_model.safetensors",
                        A + " has shape (3, 1), expected was rank 2 on axis 0",
                        B + " is missing",
                        "base_model.model.net.x.q.lora_A.weight is missing",
                        "base_model.model.net.k.ia3_l has no place in LORA",
                        "net.k has tensors, but target_modules does not name it",
                        "net.q.weight does not begin with base_model.model.",
                        "base_model.model.net.q.weight is unknown");
        assertThat(manager.getManagedArrays()).isEmpty();
    }

    @Test
    void ranksFollowTheirPatterns() throws IOException {
        new RawAdapter(root)
                .with("r", "7")
                .with("rank_pattern", "{\"k\": 3, \"^net.q\": 2}")
                .with("alpha_pattern", "{\"net\\\\..\": 1}")
                .config()
                .tensors();
        PeftLayer layer = PeftFiles.read(root, manager).layers().get("net.q");
        assertThat(layer.rank()).isEqualTo(2);
        assertThat(layer.scaling()).isEqualTo(0.5);
    }

    @Test
    void aChangedFileIsRefusedByName() throws IOException {
        write("a", 0);
        Path file = root.resolve("a/adapter_model.safetensors");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
        Files.writeString(root.resolve("a/adapter_config.json"), "{}");
        assertThatThrownBy(() -> PeftFiles.read(root.resolve("a"), manager))
                .isInstanceOf(EngramException.class)
                .hasMessageContainingAll(
                        "adapter_model.safetensors is not what Engram wrote",
                        "adapter_config.json is not what Engram wrote");
    }

    @Test
    void anotherBaseIsRefusedAndNoneIsTaken() throws IOException {
        PeftFiles.write(write("a", 0), root.resolve("a"), BASE);
        String other = BASE.replace('0', 'f');
        assertThatThrownBy(() -> PeftFiles.read(root.resolve("a"), manager, other))
                .isInstanceOf(EngramException.class)
                .hasMessageContainingAll(BASE, other);
        write("b", 0);
        assertThat(PeftFiles.read(root.resolve("b"), manager, other).baseFingerprint()).isEmpty();
        assertThatThrownBy(() -> PeftFiles.write(write("c", 0), root.resolve("c"), "BERT"))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("'BERT'");
    }

    @Test
    void aFingerprintFollowsNamesShapesAndValuesButNoOrder() {
        NDArray one = manager.ones(new Shape(2, 3));
        NDArray two = manager.zeros(new Shape(2));
        String sum = BaseFingerprint.of(Map.of("a", one, "b", two));
        assertThat(BaseFingerprint.of(Map.of("b", two, "a", one))).isEqualTo(sum).hasSize(64);
        assertThat(
                        List.of(
                                BaseFingerprint.of(Map.of("a", one, "c", two)),
                                BaseFingerprint.of(Map.of("a", one.reshape(3, 2), "b", two)),
                                BaseFingerprint.of(Map.of("a", one.add(1), "b", two))))
                .doesNotContain(sum)
                .doesNotHaveDuplicates();
    }

    @Test
    void afterACrashAtAnyRenameTheOldOrTheNewAdapterIsRead() throws IOException {
        List<String> files =
                List.of("engram.sha256", "adapter_model.safetensors", "adapter_config.json");
        for (int renamed = 0; renamed <= files.size(); renamed++) {
            Path folder = root.resolve("crash" + renamed);
            write(folder.getFileName().toString(), 1);
            write("new" + renamed, 2);
            for (String file : files) {
                String ending = files.indexOf(file) < renamed ? "" : AdapterFolder.UNFINISHED;
                Files.write(
                        folder.resolve(file + ending),
                        Files.readAllBytes(root.resolve("new" + renamed).resolve(file)));
            }
            assertThat(value(folder)).isEqualTo(renamed == 0 ? 1 : 2);
            write(folder.getFileName().toString(), 3);
            assertThat(value(folder)).isEqualTo(3);
            assertThat(names(folder)).containsExactlyInAnyOrderElementsOf(files);
        }
    }

    @Test
    void aWriteThatFailsLeavesTheEarlierAdapterAndOtherFiles() throws IOException {
        write("a", 1);
        Files.writeString(root.resolve("a/README.md"), "mine");
        PeftAdapter adapter = adapter(2);
        adapter.tensors().get(B).close();
        assertThatThrownBy(() -> PeftFiles.write(adapter, root.resolve("a")));
        assertThat(value(root.resolve("a"))).isEqualTo(1);
        write("a", 2);
        assertThat(value(root.resolve("a"))).isEqualTo(2);
        assertThat(root.resolve("a/README.md")).hasContent("mine");
    }

    private float value(Path folder) {
        return PeftFiles.read(folder, manager).tensors().get(B).getFloat(0, 0);
    }

    private PeftAdapter write(String name, float value) {
        PeftAdapter adapter = adapter(value);
        PeftFiles.write(adapter, root.resolve(name));
        return adapter;
    }

    private PeftAdapter adapter(float value) {
        return PeftAdapter.builder(
                        PeftConfig.lora(2, 4 + value).setTargetModules(List.of("q")).build())
                .addLora(
                        "net.q",
                        manager.ones(new Shape(2, 3)),
                        manager.full(new Shape(1, 2), value))
                .build();
    }

    private static List<String> names(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(path -> path.getFileName().toString()).toList();
        }
    }
}
