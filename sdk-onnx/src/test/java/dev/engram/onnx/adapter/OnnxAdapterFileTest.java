package dev.engram.onnx.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.flatbuffers.FlatBufferBuilder;
import dev.engram.api.EngramException;
import dev.engram.onnx.internal.flatbuffer.AdapterFields;
import dev.engram.onnx.testing.RandomAdapters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxAdapterFileTest {

    @TempDir Path folder;

    private static OnnxAdapter adapter() {
        Random random = new Random(1);
        return OnnxAdapter.builder()
                .optBase("ab12")
                .optVersion(7)
                .addPair("layer.0.w", pair(5, 3, 4, random))
                .addPair("layer.1.w", pair(4, 2, 6, random))
                .build();
    }

    private static LowRankPair pair(int in, int rank, int out, Random random) {
        return LowRankPair.of(
                RandomAdapters.matrix(in, rank, random),
                RandomAdapters.matrix(rank, out, random),
                0.5);
    }

    @Test
    void whatIsWrittenIsRead() {
        Path file = folder.resolve("task.onnx_adapter");
        OnnxAdapterFile.write(adapter(), file);
        assertThat(OnnxAdapterFile.read(file)).isEqualTo(adapter());
        assertThat(folder.toFile().list()).containsExactly("task.onnx_adapter");
    }

    @Test
    void theScaleIsInB() {
        FloatMatrix one = FloatMatrix.of(1, 1, 1);
        assertThat(LowRankPair.of(one, one, 0.25).b().at(0, 0)).isEqualTo(0.25f);
    }

    @Test
    void noChangedByteGoesUnnoticed() {
        byte[] good = OnnxAdapterFile.encode(adapter());
        int refused = 0;
        for (int at = 0; at < good.length; at++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] bad = good.clone();
                bad[at] ^= (byte) (1 << bit);
                refused += isRefusedOrTheSame(bad) ? 1 : 0;
            }
        }
        assertThat(refused).isGreaterThan(good.length);
    }

    /** Padding and unused fields may change; then the adapter is the same. */
    private static boolean isRefusedOrTheSame(byte[] bytes) {
        try {
            assertThat(OnnxAdapterFile.decode(bytes, "it").pairs()).isEqualTo(adapter().pairs());
            return false;
        } catch (EngramException e) {
            return true;
        }
    }

    /** Three flips at once may hide a field of the table; two of 20,000 such files once served. */
    @Test
    void whatIsDecodedAfterAnyDamageIsTheAdapterItself() {
        byte[] good = OnnxAdapterFile.encode(adapter());
        Random random = new Random(1);
        for (int round = 0; round < 50_000; round++) {
            byte[] bad = good.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            }
            try {
                assertThat(OnnxAdapterFile.decode(bad, "it")).isEqualTo(adapter());
            } catch (EngramException e) {
                assertThat(e).hasMessageContaining("it");
            }
        }
    }

    @Test
    void aFileOfAnotherMakerIsReadOnlyWhereThatIsAskedFor() throws IOException {
        Path file = folder.resolve("other.onnx_adapter");
        Files.write(file, ofAnotherMaker("", ""));
        assertThatThrownBy(() -> OnnxAdapterFile.read(file))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("states no checksum")
                .hasMessageContaining("readUnchecked");
        OnnxAdapter adapter = OnnxAdapterFile.readUnchecked(file);
        assertThat(adapter.baseFingerprint()).isEmpty();
        assertThat(adapter.pairs()).containsOnlyKeys("w");
        OnnxAdapterFile.write(adapter, file);
        assertThat(OnnxAdapterFile.read(file)).isEqualTo(adapter);
    }

    @Test
    void aFileThatSaysAnythingOfEngramNeedsItsChecksumHoweverItIsRead() throws IOException {
        Path file = folder.resolve("half.onnx_adapter");
        Files.write(file, ofAnotherMaker("ab12", ""));
        assertThatThrownBy(() -> OnnxAdapterFile.readUnchecked(file))
                .hasMessageContaining("SHA-256");
        Files.write(file, ofAnotherMaker("", "ab12"));
        assertThatThrownBy(() -> OnnxAdapterFile.readUnchecked(file))
                .hasMessageContaining("SHA-256");
    }

    private static byte[] ofAnotherMaker(String base, String checksum) {
        FlatBufferBuilder out = new FlatBufferBuilder(1024);
        int[] tables = {one(out, "w.lora_A"), one(out, "w.lora_B")};
        int vector = out.createVectorOfTables(tables);
        int stated = out.createString(base);
        int sum = out.createString(checksum);
        out.startTable(AdapterFields.ADAPTER_FIELDS);
        out.addOffset(AdapterFields.PARAMETERS, vector, 0);
        out.addOffset(AdapterFields.BASE, base.isEmpty() ? 0 : stated, 0);
        out.addOffset(AdapterFields.CHECKSUM, checksum.isEmpty() ? 0 : sum, 0);
        out.addInt(AdapterFields.FORMAT_VERSION, 1, 0);
        out.finish(out.endTable(), "TORT");
        return out.sizedByteArray();
    }

    /** A parameter of one row, one column and the value 0. */
    private static int one(FlatBufferBuilder out, String name) {
        int text = out.createString(name);
        out.startVector(8, 2, 8);
        out.addLong(1);
        out.addLong(1);
        int dims = out.endVector();
        int data = out.createByteVector(new byte[4]);
        out.startTable(AdapterFields.PARAMETER_FIELDS);
        out.addOffset(AdapterFields.DATA, data, 0);
        out.addInt(AdapterFields.TYPE, 1, 0);
        out.addOffset(AdapterFields.DIMS, dims, 0);
        out.addOffset(AdapterFields.NAME, text, 0);
        return out.endTable();
    }

    @Test
    void everyTruncationOfMoreThanTheEndOfATextIsRefused() {
        byte[] good = OnnxAdapterFile.encode(adapter());
        int padding = 8;
        for (int length = 0; length < good.length; length++) {
            boolean refused = isRefusedOrTheSame(Arrays.copyOf(good, length));
            assertThat(refused || length > good.length - padding).isTrue();
        }
    }

    @Test
    void noiseIsRefusedAndNeverAnyOtherError() {
        Random random = new Random(3);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = OnnxAdapterFile.encode(adapter());
            int changes = 1 + random.nextInt(30);
            for (int i = 0; i < changes; i++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                assertThat(OnnxAdapterFile.decode(bytes, "it").pairs()).isNotEmpty();
            } catch (EngramException e) {
                assertThat(e).hasMessageContaining("it");
            }
        }
    }

    @Test
    void entriesThatShareTheirBytesAreRefusedBeforeTheyAreCopied() {
        byte[] bytes = shared(200_000);
        assertThatThrownBy(() -> OnnxAdapterFile.decode(bytes, "it"))
                .hasMessageContaining("overlap");
    }

    /** Many parameters of one megabyte, all of them the same megabyte. */
    private static byte[] shared(int parameters) {
        FlatBufferBuilder out = new FlatBufferBuilder(1 << 22);
        int data = out.createByteVector(new byte[1 << 20]);
        out.startVector(8, 2, 8);
        out.addLong(512);
        out.addLong(512);
        int dims = out.endVector();
        int[] tables = new int[parameters];
        for (int i = 0; i < parameters; i++) {
            int name = out.createString("w" + i + ".lora_A");
            out.startTable(4);
            out.addOffset(AdapterFields.DATA, data, 0);
            out.addInt(AdapterFields.TYPE, 1, 0);
            out.addOffset(AdapterFields.DIMS, dims, 0);
            out.addOffset(AdapterFields.NAME, name, 0);
            tables[i] = out.endTable();
        }
        int vector = out.createVectorOfTables(tables);
        out.startTable(4);
        out.addOffset(AdapterFields.PARAMETERS, vector, 0);
        out.addInt(AdapterFields.FORMAT_VERSION, 1, 0);
        out.finish(out.endTable(), "TORT");
        return out.sizedByteArray();
    }

    @Test
    void messagesSayWhatIsWrong() throws IOException {
        Path text = Files.writeString(folder.resolve("a.onnx_adapter"), "this is a text");
        assertThatThrownBy(() -> OnnxAdapterFile.read(text))
                .hasMessageContaining("a.onnx_adapter")
                .hasMessageContaining("TORT");
        assertThatThrownBy(() -> OnnxAdapterFile.read(folder.resolve("b.onnx_adapter")))
                .hasMessageContaining("There is no adapter file");
        Path gone = folder.resolve("gone").resolve("c.onnx_adapter");
        assertThatThrownBy(() -> OnnxAdapterFile.write(adapter(), gone))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining("there is no folder " + gone.getParent());
    }

    @Test
    void divergedOrMisshapenPairsAreRefused() {
        FloatMatrix one = FloatMatrix.of(1, 1, 1);
        FloatMatrix nan = FloatMatrix.of(1, 1, Float.NaN);
        assertThatThrownBy(() -> LowRankPair.of(one, nan)).hasMessageContaining("diverged");
        assertThatThrownBy(() -> LowRankPair.of(one, FloatMatrix.of(2, 1, 1, 1)))
                .hasMessageContaining("rank");
        assertThatThrownBy(() -> OnnxAdapter.builder().build())
                .hasMessageContaining("adapts nothing");
    }
}
