package dev.engram.scenarios.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.engram.scenarios.command.BadInputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxFolderTest {

    @TempDir private Path folder;

    @BeforeEach
    void write() throws IOException {
        for (String part : new String[] {"train", "t10k"}) {
            put(part + "-images-idx3-ubyte.gz", zip(images(2051, 3)));
            put(part + "-labels-idx1-ubyte", labels(2049, 3));
        }
    }

    @Test
    void zippedAndPlainFilesAreReadAndScaled() {
        Images train = new IdxFolder(folder).read().train();
        assertThat(train.count()).isEqualTo(3);
        assertThat(train.classes()).isEqualTo(3);
        assertThat(train.features()).isEqualTo(4);
        assertThat(train.pixels()[1]).isEqualTo(1 / 255f);
    }

    @Test
    void aWrongMagicNumberIsToldWithBothNumbers() throws IOException {
        put("train-labels-idx1-ubyte", labels(2051, 3));
        assertRefused("train-labels-idx1-ubyte begins with the number 2051 instead of 2049");
    }

    @Test
    void aTruncatedGzipIsTold() throws IOException {
        byte[] whole = zip(images(2051, 3));
        put("train-images-idx3-ubyte.gz", Arrays.copyOf(whole, whole.length - 9));
        assertRefused("train-images-idx3-ubyte.gz");
    }

    @Test
    void aFileThatIsNoGzipIsTold() throws IOException {
        put("train-images-idx3-ubyte.gz", images(2051, 3));
        assertRefused("Not in GZIP format");
    }

    @Test
    void missingValuesAreCounted() throws IOException {
        put("t10k-labels-idx1-ubyte", Arrays.copyOf(labels(2049, 3), 10));
        assertRefused("should hold 3 values after its header, but has 2");
    }

    @Test
    void imagesAndLabelsOfDifferentNumberAreTold() throws IOException {
        put("t10k-labels-idx1-ubyte", labels(2049, 2));
        assertRefused("holds 3 images");
    }

    @Test
    void aHeaderThatStatesAnAbsurdSizeNeedsNoMemory() throws IOException {
        byte[] hostile = images(2051, 3);
        ByteBuffer.wrap(hostile).putInt(4, Integer.MAX_VALUE).putInt(8, Integer.MAX_VALUE);
        put("train-images-idx3-ubyte.gz", zip(hostile));
        assertRefused("impossible size");
    }

    @Test
    void aMissingFileIsNamed() throws IOException {
        Files.delete(folder.resolve("t10k-labels-idx1-ubyte"));
        assertRefused("t10k-labels-idx1-ubyte.gz is there");
    }

    @Test
    void realMnistIsRead() {
        Path real = Path.of(System.getProperty("engram.test.data"), "mnist");
        assumeTrue(Files.isDirectory(real), real + " is not there");
        TrainAndTest mnist = new IdxFolder(real).read();
        assertThat(mnist.train().count()).isEqualTo(60_000);
        assertThat(mnist.test().labels()[0]).isEqualTo(7);
    }

    @Test
    void drawnDigitsAreTheSameForTheSameSeedAndDifferForAnother() {
        Images one = DrawnDigits.draw(20, 10, 5).train();
        assertThat(DrawnDigits.draw(20, 10, 5).train().pixels()).isEqualTo(one.pixels());
        assertThat(DrawnDigits.draw(20, 10, 6).train().pixels()).isNotEqualTo(one.pixels());
    }

    private void assertRefused(String expected) {
        assertThatThrownBy(() -> new IdxFolder(folder).read())
                .isInstanceOf(BadInputException.class)
                .hasMessageContaining(expected);
    }

    private void put(String name, byte[] bytes) throws IOException {
        Files.write(folder.resolve(name), bytes);
    }

    private static byte[] images(int magic, int count) {
        ByteBuffer buffer = ByteBuffer.allocate(16 + 4 * count);
        buffer.putInt(magic).putInt(count).putInt(2).putInt(2);
        for (int i = 0; i < 4 * count; i++) {
            buffer.put((byte) i);
        }
        return buffer.array();
    }

    private static byte[] labels(int magic, int count) {
        ByteBuffer buffer = ByteBuffer.allocate(8 + count).putInt(magic).putInt(count);
        for (int i = 0; i < count; i++) {
            buffer.put((byte) i);
        }
        return buffer.array();
    }

    private static byte[] zip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(bytes);
        }
        return out.toByteArray();
    }
}
