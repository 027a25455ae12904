package dev.engram.onnx.adapter;

import dev.engram.api.EngramException;
import dev.engram.onnx.internal.flatbuffer.AdapterFields;
import dev.engram.onnx.internal.flatbuffer.AdapterTable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads an adapter that may come from anywhere.
 *
 * <p>What it copies is never more than the file has bytes, however its parts overlap.
 */
final class AdapterDecoder {

    private static final int HEADER = 8;
    private static final int IDENTIFIER_LENGTH = 4;

    private final byte[] file;
    private final String where;
    private final boolean mayLackChecksum;
    private final Map<String, FloatMatrix> matrices = new LinkedHashMap<>();
    private long copied;

    /**
     * Takes a file's bytes.
     *
     * @param where what they are, for messages
     * @param mayLackChecksum whether a file that says nothing of Engram is read, too
     */
    AdapterDecoder(byte[] file, String where, boolean mayLackChecksum) {
        this.file = file;
        this.where = where;
        this.mayLackChecksum = mayLackChecksum;
    }

    /**
     * Returns the adapter.
     *
     * @throws EngramException saying what is wrong with the file
     */
    OnnxAdapter adapter() {
        if (file.length < HEADER || !identifier().equals(AdapterFields.IDENTIFIER)) {
            throw damaged("it does not begin as an .onnx_adapter file (TORT) does");
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
            return read(AdapterTable.root(bytes));
        } catch (IndexOutOfBoundsException | IllegalArgumentException | ArithmeticException e) {
            EngramException damage = damaged("an entry points out of it");
            damage.initCause(e);
            throw damage;
        }
    }

    private String identifier() {
        return new String(file, Integer.BYTES, IDENTIFIER_LENGTH, StandardCharsets.ISO_8859_1);
    }

    private OnnxAdapter read(AdapterTable root) {
        int format = root.number(AdapterFields.FORMAT_VERSION);
        if (format != AdapterFields.FORMAT) {
            throw new EngramException(
                    "%s has format version %s; this Engram reads version %s"
                            .formatted(where, format, AdapterFields.FORMAT));
        }
        int count = root.length(AdapterFields.PARAMETERS, Integer.BYTES);
        for (int i = 0; i < count; i++) {
            readParameter(root.tableAt(AdapterFields.PARAMETERS, i));
        }
        OnnxAdapter adapter = pairs(root);
        requireChecksum(text(root, AdapterFields.CHECKSUM), adapter);
        return adapter;
    }

    /** What states a base is Engram's, and damage may have hidden its checksum. */
    private void requireChecksum(String stated, OnnxAdapter adapter) {
        boolean isOfOthers = stated.isEmpty() && adapter.baseFingerprint().isEmpty();
        if (isOfOthers && !mayLackChecksum) {
            throw new EngramException(
                    ("%s states no checksum, so that damage to it cannot be seen: if another tool"
                         + " made it, read it with OnnxAdapterFile.readUnchecked; if Engram did,"
                         + " export or copy it again")
                            .formatted(where));
        }
        if (!isOfOthers && !stated.equals(AdapterChecksum.of(adapter))) {
            throw damaged("its values are not those that were written (SHA-256)");
        }
    }

    private void readParameter(AdapterTable parameter) {
        String name = text(parameter, AdapterFields.NAME);
        int type = parameter.number(AdapterFields.TYPE);
        if (type != AdapterFields.FLOAT) {
            throw new EngramException(
                    "%s: %s has the element type %s; Engram serves float (1)"
                            .formatted(where, name, type));
        }
        ByteBuffer data = parameter.bytes(AdapterFields.DATA);
        FloatMatrix matrix = matrix(name, parameter, data);
        if (matrices.put(name, matrix) != null) {
            throw damaged("it has " + name + " twice");
        }
    }

    private FloatMatrix matrix(String name, AdapterTable parameter, ByteBuffer data) {
        int axes = parameter.length(AdapterFields.DIMS, Long.BYTES);
        long rows = axes == 2 ? parameter.longAt(AdapterFields.DIMS, 0) : -1;
        long columns = axes == 2 ? parameter.longAt(AdapterFields.DIMS, 1) : -1;
        long bytes = data.remaining();
        if (!fits(rows, columns, bytes)) {
            throw damaged(
                    "%s has %s axes (%s x %s) and %s bytes, which is no matrix of floats"
                            .formatted(name, axes, rows, columns, bytes));
        }
        account(bytes);
        float[] values = new float[(int) (bytes / Float.BYTES)];
        data.asFloatBuffer().get(values);
        return FloatMatrix.of((int) rows, (int) columns, values);
    }

    /** Two sizes of at most the bytes' number have a product that is no overflow here. */
    private static boolean fits(long rows, long columns, long bytes) {
        return rows > 0
                && columns > 0
                && rows <= bytes
                && columns <= bytes
                && rows * columns * Float.BYTES == bytes;
    }

    private OnnxAdapter pairs(AdapterTable root) {
        OnnxAdapter.Builder adapter =
                OnnxAdapter.builder().optVersion(root.number(AdapterFields.ADAPTER_VERSION));
        String base = text(root, AdapterFields.BASE);
        if (!base.isEmpty()) {
            adapter.optBase(base);
        }
        weights().forEach(weight -> adapter.addPair(weight, pair(weight)));
        return adapter.build();
    }

    private Set<String> weights() {
        if (matrices.isEmpty()) {
            throw damaged("it holds no pair");
        }
        Set<String> weights = new TreeSet<>();
        for (String name : matrices.keySet()) {
            if (!AdapterSlot.isA(name) && !AdapterSlot.isB(name)) {
                throw new EngramException(
                        "%s: %s is no name of Engram's slots: they end in .lora_A and .lora_B"
                                .formatted(where, name));
            }
            weights.add(AdapterSlot.weightOf(name));
        }
        return weights;
    }

    private LowRankPair pair(String weight) {
        FloatMatrix a = matrices.get(AdapterSlot.a(weight));
        FloatMatrix b = matrices.get(AdapterSlot.b(weight));
        if (a == null || b == null) {
            throw damaged("%s has only one of A and B".formatted(weight));
        }
        try {
            return LowRankPair.of(a, b);
        } catch (EngramException e) {
            throw new EngramException("%s: %s: %s".formatted(where, weight, e.getMessage()), e);
        }
    }

    private String text(AdapterTable table, int field) {
        account(table.length(field, 1));
        return table.text(field);
    }

    private void account(long bytes) {
        copied += bytes;
        if (copied > file.length) {
            throw damaged("its entries overlap");
        }
    }

    private EngramException damaged(String what) {
        return new EngramException(
                "%s is no adapter that can be used: %s. Export or copy it again"
                        .formatted(where, what));
    }
}
