package dev.engram.onnx.internal.operator;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Every operator through which a gradient can flow, and the variants that have their own code. */
final class OperatorCases {

    private final List<OperatorCase> cases = new ArrayList<>();

    static Stream<OperatorCase> all() {
        OperatorCases all = new OperatorCases();
        all.elementwise();
        all.activations();
        all.shapes();
        all.indexing();
        all.reductions();
        all.layers();
        all.normalisations();
        all.resizes();
        return all.cases.stream();
    }

    private OperatorCase add(String type) {
        return add(type, type, 17);
    }

    private OperatorCase add(String name, String type, int opset) {
        OperatorCase one = new OperatorCase(name, opset, type);
        cases.add(one);
        return one;
    }

    private void elementwise() {
        for (String type : List.of("Add", "Sub", "Mul", "Div")) {
            add(type).in(2, 3, 4).in(3, 1);
        }
        add("Pow").positive(2, 3).in(3);
        for (String type : List.of("Max", "Min", "Sum", "Mean")) {
            add(type).in(2, 3).in(3).in(2, 1);
        }
        for (String type : List.of("Sqrt", "Log", "Reciprocal")) {
            add(type).positive(2, 3);
        }
        for (String type : List.of("Neg", "Abs", "Exp", "Sin", "Cos", "Tan", "Tanh", "Erf")) {
            add(type).in(2, 3);
        }
        for (String type : List.of("Sinh", "Cosh", "Atan", "Identity")) {
            add(type).in(2, 3);
        }
        add("Mod").in(2, 3).positive(2, 3).told("fmod", 1);
        for (String type : List.of("Floor", "Ceil", "Round", "Sign")) {
            add(type).in(2, 3).flat();
        }
        add("MatMul batched", "MatMul", 13).in(2, 3, 4).in(4, 5);
        add("MatMul vector", "MatMul", 13).in(4).in(2, 4, 5);
        add("Gemm").in(2, 3).in(3, 4).in(4);
        add("Gemm turned", "Gemm", 13).in(2, 3).in(4, 3).in(4).told("transB", 1);
        add("Gemm scaled", "Gemm", 13)
                .in(3, 2)
                .in(4, 3)
                .in(2, 1)
                .told("transB", 1)
                .told("transA", 1)
                .told("alpha", 0.5f)
                .told("beta", 2f);
        add("Einsum").in(2, 3, 4).in(2, 5, 4).told("equation", "bij,bkj->bik");
        add("Einsum dots", "Einsum", 12).in(2, 3, 4).in(4, 5).told("equation", "...j,jk->k...");
        add("Einsum trace", "Einsum", 12).in(2, 3, 3).told("equation", "bii->b");
    }

    private void activations() {
        for (String type : List.of("Relu", "Sigmoid", "Softplus", "Softsign", "Selu", "Elu")) {
            add(type).in(2, 3);
        }
        for (String type : List.of("LeakyRelu", "Celu", "HardSigmoid", "HardSwish")) {
            add(type).in(2, 3);
        }
        add("ThresholdedRelu").in(3, 4).told("alpha", 0.3f);
        add("Shrink").in(3, 4).told("lambd", 0.3f).told("bias", 0.1f);
        add("Mish", "Mish", 18).in(2, 3);
        add("Gelu", "Gelu", 20).in(2, 3);
        add("Gelu tanh", "Gelu", 20).in(2, 3).told("approximate", "tanh");
        add("PRelu").in(2, 3, 4).in(3, 1);
        add("Clip attributes", "Clip", 6).in(3, 4).told("min", -0.5f).told("max", 0.7f);
        add("Clip inputs", "Clip", 13).in(3, 4).in().in();
        add("Swish", "Swish", 24).in(2, 3).told("alpha", 1.5f).alone();
        for (String type : List.of("Softmax", "LogSoftmax")) {
            add(type).in(2, 3, 4).told("axis", 1);
            add(type + " 11", type, 11).in(2, 3, 4).told("axis", 1);
        }
        add("Hardmax").in(2, 4).flat();
    }

    private void shapes() {
        add("Reshape").in(2, 3, 4).integers(0, -1);
        add("Flatten").in(2, 3, 4).told("axis", 2);
        add("Transpose").in(2, 3, 4).told("perm", new long[] {2, 0, 1});
        add("Squeeze").in(2, 1, 3).integers(1);
        add("Squeeze 11", "Squeeze", 11).in(2, 1, 3).told("axes", new long[] {1});
        add("Unsqueeze").in(2, 3).integers(0, -1);
        add("Unsqueeze 11", "Unsqueeze", 11).in(2, 3).told("axes", new long[] {1});
        add("Expand").in(3, 1).integers(2, 1, 4);
        add("Tile").in(2, 3).integers(2, 2);
        add("Concat").in(2, 3).in(2, 1).in(2, 2).told("axis", -1);
        add("Split").in(2, 6).integers(2, 4).told("axis", 1).outputs(2);
        add("Slice").in(4, 6).integers(1, 5).integers(4, 0).integers(0, 1).integers(1, -2);
        add("Slice strided", "Slice", 13).in(4, 6).integers(0).integers(6).integers(1).integers(2);
        for (String mode : List.of("constant", "reflect", "edge")) {
            add("Pad " + mode, "Pad", 13).in(3, 4).integers(1, 0, 2, 1).told("mode", mode);
        }
        add("DepthToSpace").in(1, 8, 2, 3).told("blocksize", 2);
        add("DepthToSpace CRD", "DepthToSpace", 13)
                .in(1, 8, 2, 3)
                .told("blocksize", 2)
                .told("mode", "CRD");
        add("SpaceToDepth").in(1, 2, 4, 6).told("blocksize", 2);
        add("Trilu").in(3, 4).told("upper", 0);
        add("CumSum").in(2, 4).integers(1).told("exclusive", 1).told("reverse", 1);
    }

    private void indexing() {
        add("Gather rows", "Gather", 13).in(5, 3).integers(0, 4, 4, -2);
        add("Gather columns", "Gather", 13).in(2, 5, 3).integers(0, 4, 4, -2).told("axis", 1);
        add("TopK").in(3, 6).integers(2).told("axis", 1).outputs(2).hidden(1);
        add("GatherElements").in(3, 4).index(new long[] {2, 4}, 0, 2, 2, 1, 1, 0, 2, -1);
        add("GatherND").in(3, 4, 2).index(new long[] {2, 2}, 0, 3, 2, -1);
        add("GatherND batched", "GatherND", 13)
                .in(2, 4, 3)
                .index(new long[] {2, 1}, 1, 3)
                .told("batch_dims", 1);
        add("ScatterND").in(4, 3).index(new long[] {2, 1}, 3, 1).in(2, 3);
        add("ScatterND added", "ScatterND", 18)
                .in(4, 3)
                .index(new long[] {3, 1}, 3, 1, 3)
                .in(3, 3)
                .told("reduction", "add");
        add("ScatterElements").in(3, 3).index(new long[] {1, 3}, 2, 0, 1).in(1, 3);
        add("ScatterElements multiplied", "ScatterElements", 18)
                .in(3, 3)
                .index(new long[] {2, 3}, 2, 0, 1, 2, 1, 1)
                .in(2, 3)
                .told("reduction", "mul");
        add("OneHot").integers(0, 2, -1).integers(3).in(2);
        add("Where").flags(new long[] {2, 1}, 1, 0).in(2, 3).in(3);
    }

    private void reductions() {
        for (String type : List.of("ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd")) {
            add(type).in(2, 3, 4).told("axes", new long[] {0, 2});
        }
        for (String type : List.of("ReduceL1", "ReduceL2", "ReduceSumSquare")) {
            add(type).in(2, 3, 4).told("axes", new long[] {-1}).told("keepdims", 0);
        }
        add("ReduceSum").in(2, 3, 4).integers(0, 2);
        add("ReduceSum all", "ReduceSum", 13).in(2, 3).told("keepdims", 0);
        add("ReduceLogSum").positive(2, 3).told("axes", new long[] {1});
        add("ReduceLogSumExp").in(2, 3).told("axes", new long[] {1});
    }

    private void layers() {
        add("Conv").in(2, 4, 6, 5).in(6, 2, 3, 3).in(6).told("group", 2);
        add("Conv uneven", "Conv", 11)
                .in(1, 2, 6, 5)
                .in(3, 2, 3, 2)
                .told("pads", new long[] {1, 0, 2, 1})
                .told("strides", new long[] {2, 1});
        add("Conv dilated 1d", "Conv", 11)
                .in(2, 3, 9)
                .in(4, 3, 3)
                .in(4)
                .told("dilations", new long[] {2})
                .told("pads", new long[] {1, 1});
        add("Conv same 3d", "Conv", 11)
                .in(1, 2, 4, 4, 3)
                .in(2, 2, 3, 3, 3)
                .told("auto_pad", "SAME_UPPER");
        add("ConvTranspose")
                .in(1, 4, 3, 4)
                .in(4, 2, 3, 3)
                .in(4)
                .told("group", 2)
                .told("strides", new long[] {2, 1})
                .told("pads", new long[] {1, 0, 1, 1})
                .told("output_padding", new long[] {1, 0});
        add("MaxPool")
                .in(1, 2, 6, 5)
                .told("kernel_shape", new long[] {3, 2})
                .told("strides", new long[] {2, 1})
                .told("pads", new long[] {1, 0, 1, 1});
        add("MaxPool ceil", "MaxPool", 12)
                .in(1, 2, 6, 6)
                .told("kernel_shape", new long[] {3, 3})
                .told("strides", new long[] {2, 2})
                .told("ceil_mode", 1);
        add("MaxPool dilated", "MaxPool", 12)
                .in(1, 2, 6, 6)
                .told("kernel_shape", new long[] {2, 2})
                .told("dilations", new long[] {2, 2});
        add("AveragePool")
                .in(1, 2, 6, 5)
                .told("kernel_shape", new long[] {3, 2})
                .told("strides", new long[] {2, 1})
                .told("pads", new long[] {1, 0, 1, 1});
        add("AveragePool padded", "AveragePool", 11)
                .in(1, 2, 5, 5)
                .told("kernel_shape", new long[] {3, 3})
                .told("pads", new long[] {1, 1, 1, 1})
                .told("count_include_pad", 1);
        add("GlobalAveragePool").in(2, 3, 4, 5);
        add("GlobalMaxPool").in(2, 3, 4, 5);
    }

    private void normalisations() {
        add("BatchNormalization").in(2, 3, 4, 4).in(3).in(3).in(3).positive(3);
        add("LayerNormalization").in(2, 3, 4).in(4).in(4);
        add("LayerNormalization without bias", "LayerNormalization", 17)
                .in(2, 3, 4)
                .in(3, 4)
                .told("axis", 1);
        add("InstanceNormalization").in(2, 3, 4, 4).in(3).in(3);
        add("GroupNormalization", "GroupNormalization", 21)
                .in(2, 4, 3)
                .in(4)
                .in(4)
                .told("num_groups", 2);
        add("LpNormalization").in(2, 3, 4).told("axis", 1);
        add("RMSNormalization", "RMSNormalization", 23).in(2, 3, 4).in(4).alone();
        add("RotaryEmbedding", "RotaryEmbedding", 23).in(1, 2, 3, 4).in(1, 3, 2).in(1, 3, 2);
        add("Attention", "Attention", 23)
                .in(1, 4, 3, 2)
                .in(1, 2, 3, 2)
                .in(1, 2, 3, 2)
                .told("is_causal", 1);
        add("Attention masked", "Attention", 23)
                .in(1, 3, 4)
                .in(1, 5, 4)
                .in(1, 5, 4)
                .in(3, 5)
                .told("q_num_heads", 2)
                .told("kv_num_heads", 2)
                .told("softcap", 2f);
        add("NegativeLogLikelihoodLoss")
                .in(3, 4)
                .integers(1, 0, 3)
                .positive(4)
                .told("ignore_index", 0);
        add("SoftmaxCrossEntropyLoss").in(3, 4, 2).index(new long[] {3, 2}, 1, 0, 3, 2, 2, 0);
        add("LRN").in(2, 5, 3, 3).told("size", 3).told("alpha", 0.1f);
    }

    private void resizes() {
        for (String mode : List.of("nearest", "linear", "cubic")) {
            add("Resize " + mode, "Resize", 13)
                    .in(1, 2, 4, 4)
                    .none()
                    .none()
                    .integers(1, 2, 7, 5)
                    .told("mode", mode);
        }
        add("Resize corners", "Resize", 13)
                .in(1, 2, 4, 4)
                .none()
                .none()
                .integers(1, 2, 7, 5)
                .told("mode", "linear")
                .told("coordinate_transformation_mode", "align_corners");
    }
}
