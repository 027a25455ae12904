package dev.engram.gradientprojection;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import dev.engram.tck.SmallTasks;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * The TorchScript model of {@link SmallTasks} without its BatchNorm and Dropout, whose statistics
 * no projection holds, and the same network as blocks with the same values.
 */
final class ScriptedNetwork {

    private static final String CODE = "mlp/code/__torch__.py";

    private ScriptedNetwork() {}

    /** Returns the TorchScript model; its BatchNorm counts for nothing. */
    static Model scripted(Path folder) throws IOException, MalformedModelException {
        Path file = folder.resolve("plain.pt");
        if (!Files.exists(file)) {
            Path original = folder.resolve("original.pt");
            try (InputStream from = SmallTasks.class.getResourceAsStream("scripted-mlp.pt")) {
                Files.copy(from, original);
            }
            rewrite(original, file);
        }
        Model model = Model.newInstance("plain", Device.cpu(), "PyTorch");
        model.load(folder, "plain", Map.of("trainParam", "true"));
        return model;
    }

    private static void rewrite(Path from, Path to) throws IOException {
        try (ZipFile original = new ZipFile(from.toFile());
                ZipOutputStream changed = new ZipOutputStream(Files.newOutputStream(to))) {
            for (ZipEntry entry : Collections.list(original.entries())) {
                byte[] bytes = original.getInputStream(entry).readAllBytes();
                if (entry.getName().equals(CODE)) {
                    String code = new String(bytes, StandardCharsets.UTF_8);
                    bytes = plain(code).getBytes(StandardCharsets.UTF_8);
                }
                put(entry.getName(), bytes, changed);
            }
        }
    }

    private static String plain(String code) {
        return code.replace("(bn).forward((fc1).forward(x, ), )", "(fc1).forward(x, )")
                .replace("(drop).forward(_0, )", "_0")
                // DJL asks every parameter for a gradient.
                .replace(
                        "return _1",
                        "return torch.add(_1, torch.mul(torch.sum(torch.add(bn.weight, bn.bias)),"
                                + " 0.))");
    }

    /** As it is: PyTorch maps what is not compressed. */
    private static void put(String name, byte[] bytes, ZipOutputStream to) throws IOException {
        CRC32 sum = new CRC32();
        sum.update(bytes);
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(sum.getValue());
        to.putNextEntry(entry);
        to.write(bytes);
        to.closeEntry();
    }

    /** Returns the same network as blocks, with the values of a scripted one. */
    static Model blocks(Model scripted) {
        Block block =
                new SequentialBlock()
                        .add(Linear.builder().setUnits(16).build())
                        .add(Activation.reluBlock())
                        .add(Linear.builder().setUnits(SmallTasks.CLASSES).build());
        Model model = SmallTasks.model(block);
        block.initialize(
                model.getNDManager(), DataType.FLOAT32, new Shape(32, SmallTasks.FEATURES));
        for (String layer : new String[] {"1", "2"}) {
            for (String part : new String[] {"weight", "bias"}) {
                String twin = (layer.equals("1") ? "01" : "03") + "Linear_" + part;
                block.getParameters()
                        .get(twin)
                        .getArray()
                        .set(
                                scripted.getBlock()
                                        .getParameters()
                                        .get("fc" + layer + "." + part)
                                        .getArray()
                                        .toFloatArray());
            }
        }
        return model;
    }
}
