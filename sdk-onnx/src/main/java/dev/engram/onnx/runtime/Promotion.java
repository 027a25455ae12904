package dev.engram.onnx.runtime;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.engram.api.EngramException;
import dev.engram.onnx.internal.proto.ModelFile;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * Makes chosen values of a graph its only outputs; ONNX Runtime then leaves out what they do not
 * need.
 */
final class Promotion {

    private static final int SHOWN = 10;

    private final Path file;
    private final ModelProto model;

    Promotion(Path file) {
        this.file = file;
        this.model = ModelFile.read(file);
    }

    /**
     * Returns the bytes of the model with these outputs.
     *
     * @throws EngramException if there is no such value, naming those of similar names
     */
    byte[] with(List<String> outputs) {
        Map<String, ValueInfoProto> described = described(model.getGraph());
        Set<String> values = values(model.getGraph());
        ModelProto.Builder changed = model.toBuilder();
        changed.getGraphBuilder().clearOutput();
        for (String output : outputs) {
            if (!values.contains(output)) {
                throw unknown(output, values);
            }
            changed.getGraphBuilder()
                    .addOutput(
                            described.getOrDefault(
                                    output, ValueInfoProto.newBuilder().setName(output).build()));
        }
        return changed.build().toByteArray();
    }

    private static Set<String> values(GraphProto graph) {
        return graph.getNodeList().stream()
                .map(NodeProto::getOutputList)
                .flatMap(List::stream)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static Map<String, ValueInfoProto> described(GraphProto graph) {
        return Stream.concat(graph.getValueInfoList().stream(), graph.getOutputList().stream())
                .collect(
                        Collectors.toMap(
                                ValueInfoProto::getName, Function.identity(), (a, b) -> b));
    }

    private EngramException unknown(String output, Set<String> values) {
        LevenshteinDistance distance = LevenshteinDistance.getDefaultInstance();
        List<String> nearest =
                values.stream()
                        .sorted(Comparator.comparingInt(name -> distance.apply(output, name)))
                        .limit(SHOWN)
                        .toList();
        return new EngramException(
                "%s computes no value %s; the nearest of its %s are %s"
                        .formatted(file, output, values.size(), nearest));
    }
}
