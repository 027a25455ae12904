package dev.engram.scenarios.images;

import dev.engram.scenarios.command.BadInputException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** Reads a folder in MNIST's format: four IDX files, gzipped or not. */
public final class IdxFolder {

    private static final int IMAGES_MAGIC = 2051;
    private static final int LABELS_MAGIC = 2049;
    private static final float WHITE = 255f;

    private final Path folder;

    /** Creates the reader of a folder. */
    public IdxFolder(Path folder) {
        this.folder = folder;
    }

    /**
     * Reads training and test images.
     *
     * @throws BadInputException if a file is missing, damaged, or does not fit its twin
     */
    public TrainAndTest read() {
        if (!Files.isDirectory(folder)) {
            throw new BadInputException(
                    folder + " is not a folder; give one with IDX files of MNIST");
        }
        TrainAndTest both = new TrainAndTest(read("train"), read("t10k"));
        Images train = both.train();
        Images test = both.test();
        if (train.features() != test.features() || test.classes() > train.classes()) {
            throw new BadInputException(
                    "%s: training images are %sx%s with %s classes, test images %sx%s with %s"
                            .formatted(
                                    folder,
                                    train.width(),
                                    train.height(),
                                    train.classes(),
                                    test.width(),
                                    test.height(),
                                    test.classes()));
        }
        return both;
    }

    private Images read(String part) {
        Path images = find(part + "-images-idx3-ubyte");
        Path labels = find(part + "-labels-idx1-ubyte");
        Content pixels = read(images, IMAGES_MAGIC, 3);
        Content classes = read(labels, LABELS_MAGIC, 1);
        if (pixels.dimensions[0] != classes.dimensions[0]) {
            throw new BadInputException(
                    "%s holds %s images, but %s holds %s labels"
                            .formatted(
                                    images, pixels.dimensions[0], labels, classes.dimensions[0]));
        }
        float[] scaled = new float[pixels.bytes.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = Byte.toUnsignedInt(pixels.bytes[i]) / WHITE;
        }
        int[] numbers = new int[classes.bytes.length];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Byte.toUnsignedInt(classes.bytes[i]);
        }
        return new Images(scaled, numbers, pixels.dimensions[2], pixels.dimensions[1]);
    }

    private Path find(String name) {
        Path zipped = folder.resolve(name + ".gz");
        Path plain = folder.resolve(name);
        if (Files.isRegularFile(zipped)) {
            return zipped;
        }
        if (Files.isRegularFile(plain)) {
            return plain;
        }
        throw new BadInputException(
                "Neither " + plain + " nor " + zipped.getFileName() + " is there");
    }

    private static Content read(Path file, int wantedMagic, int rank) {
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file));
                DataInputStream in =
                        new DataInputStream(
                                file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw)) {
            int magic = in.readInt();
            if (magic != wantedMagic) {
                throw new BadInputException(
                        "%s begins with the number %s instead of %s: it is no IDX file of this kind"
                                .formatted(file, magic, wantedMagic));
            }
            int[] dimensions = new int[rank];
            long size = 1;
            for (int i = 0; i < rank; i++) {
                dimensions[i] = in.readInt();
                size = dimensions[i] <= 0 ? -1 : Math.multiplyExact(size, dimensions[i]);
                if (size <= 0 || size > Integer.MAX_VALUE / Float.BYTES) {
                    throw new BadInputException(file + " states an impossible size in its header");
                }
            }
            byte[] bytes = in.readNBytes((int) size);
            if (bytes.length < size || in.read() >= 0) {
                throw new BadInputException(
                        "%s should hold %s values after its header, but has %s"
                                .formatted(
                                        file, size, bytes.length < size ? bytes.length : "more"));
            }
            return new Content(dimensions, bytes);
        } catch (EOFException e) {
            throw new BadInputException(file + " ends too early: it is truncated", e);
        } catch (IOException e) {
            throw new BadInputException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** The header and the values of an IDX file. */
    private static final class Content {

        final int[] dimensions;
        final byte[] bytes;

        Content(int[] dimensions, byte[] bytes) {
            this.dimensions = dimensions;
            this.bytes = bytes;
        }
    }
}
