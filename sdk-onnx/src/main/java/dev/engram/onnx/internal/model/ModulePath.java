package dev.engram.onnx.internal.model;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The module of the exported model that a node comes from, as PyTorch's exporters note it: the
 * older one in the node's name, {@code /model/layers.0/self_attn/q_proj/MatMul}, the newer one
 * beside it.
 */
final class ModulePath {

    /** A list as Python prints it, outermost module first; the last entry is the operation. */
    private static final String SCOPES = "pkg.torch.onnx.name_scopes";

    private static final Pattern ENTRY = Pattern.compile("'([^']*)'");

    private ModulePath() {}

    /** Returns the dotted path, such as {@code model.layers.0.self_attn.q_proj}; empty if none. */
    static String of(NodeProto node) {
        for (StringStringEntryProto note : node.getMetadataPropsList()) {
            if (note.getKey().equals(SCOPES)) {
                return ofScopes(note.getValue());
            }
        }
        return ofName(node.getName());
    }

    private static String ofScopes(String printed) {
        List<String> scopes = new ArrayList<>();
        Matcher entry = ENTRY.matcher(printed);
        while (entry.find()) {
            scopes.add(entry.group(1));
        }
        return scopes.size() < 2 ? "" : scopes.get(scopes.size() - 2);
    }

    private static String ofName(String name) {
        int last = name.lastIndexOf('/');
        return name.startsWith("/") && last > 0 ? name.substring(1, last).replace('/', '.') : "";
    }
}
