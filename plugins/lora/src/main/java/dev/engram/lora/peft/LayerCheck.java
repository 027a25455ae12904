package dev.engram.lora.peft;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/** Finds what the tensors of one module lack, or where they contradict the configuration. */
final class LayerCheck {

    private final PeftLayer layer;
    private final PeftConfig config;
    private final Consumer<String> problems;

    LayerCheck(PeftLayer layer, PeftConfig config, Consumer<String> problems) {
        this.layer = layer;
        this.config = config;
        this.problems = problems;
    }

    void run() {
        checkTarget();
        checkParts();
        for (Map.Entry<Part, NDArray> part : layer.parts().entrySet()) {
            checkType(part.getKey(), part.getValue());
            checkShape(part.getKey(), part.getValue().getShape());
        }
    }

    private void checkTarget() {
        String path = layer.modulePath();
        boolean named =
                config.targetPattern()
                        .map(
                                pattern ->
                                        pattern.equals("all-linear")
                                                || ModulePattern.matches(pattern, path))
                        .orElseGet(() -> ModulePattern.endsWithName(config.targetModules(), path));
        if (!named) {
            problems.accept(path + " has tensors, but target_modules does not name it");
        }
    }

    private void checkParts() {
        Set<Part> expected = expected();
        for (Part part : Part.values()) {
            boolean present = layer.parts().containsKey(part);
            if (present && !expected.contains(part)) {
                problems.accept(
                        "%s has no place in %s%s"
                                .formatted(
                                        part.key(layer.modulePath()),
                                        config.peftType(),
                                        part == Part.MAGNITUDE ? " without use_dora" : ""));
            } else if (!present && expected.contains(part)) {
                problems.accept(part.key(layer.modulePath()) + " is missing");
            }
        }
    }

    private Set<Part> expected() {
        if (config.peftType().equals(PeftConfig.IA3)) {
            return EnumSet.of(Part.IA3);
        }
        boolean embedding = layer.isEmbedding() || layer.parts().containsKey(Part.EMBEDDING_B);
        Set<Part> expected =
                embedding
                        ? EnumSet.of(Part.EMBEDDING_A, Part.EMBEDDING_B)
                        : EnumSet.of(Part.LORA_A, Part.LORA_B);
        if (config.dora()) {
            expected.add(Part.MAGNITUDE);
        }
        return expected;
    }

    private void checkType(Part part, NDArray array) {
        if (array.getDataType() != DataType.FLOAT32) {
            problems.accept(
                    "%s is %s; F32, F16 and BF16 are read"
                            .formatted(part.key(layer.modulePath()), array.getDataType()));
        }
    }

    private void checkShape(Part part, Shape shape) {
        switch (part) {
            case LORA_A, EMBEDDING_A -> checkRank(part, shape, 0);
            case LORA_B, EMBEDDING_B -> checkRank(part, shape, 1);
            case MAGNITUDE -> layer.b().ifPresent(b -> checkMagnitude(shape, b.getShape()));
            case IA3 -> checkIa3(shape);
            default -> throw new IllegalStateException(part.name());
        }
    }

    private void checkRank(Part part, Shape shape, int axis) {
        int rank = layer.rank();
        boolean plain = part == Part.EMBEDDING_A || part == Part.EMBEDDING_B;
        if (shape.dimension() < 2 || (plain && shape.dimension() != 2)) {
            say(part, shape, "two axes");
        } else if (shape.get(axis) != rank) {
            say(part, shape, "rank %s on axis %s".formatted(rank, axis));
        } else if (shape.size() == 0) {
            say(part, shape, "values");
        }
    }

    private void checkMagnitude(Shape shape, Shape b) {
        if (b.dimension() > 0 && shape.size() != b.get(0)) {
            say(Part.MAGNITUDE, shape, "%s values, one for each output".formatted(b.get(0)));
        }
    }

    private void checkIa3(Shape shape) {
        boolean input = layer.isFeedforward();
        if (shape.dimension() < 2 || shape.size() == 0) {
            say(Part.IA3, shape, "two axes");
        } else if (shape.get(input ? 1 : 0) != shape.size() && shape.dimension() == 2) {
            say(Part.IA3, shape, input ? "(1, in)" : "(out, 1)");
        }
    }

    private void say(Part part, Shape shape, String expected) {
        problems.accept(
                "%s has shape %s, expected was %s"
                        .formatted(part.key(layer.modulePath()), shape, expected));
    }
}
