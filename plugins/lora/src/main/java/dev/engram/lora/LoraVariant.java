package dev.engram.lora;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.BaseModel;
import dev.engram.djl.isolation.LayerUse;
import dev.engram.djl.isolation.OwnParameters;
import dev.engram.djl.isolation.ParameterOverlay;
import java.util.List;
import java.util.Locale;

/** What is put over each target. */
enum LoraVariant {
    /** {@code W + s·B·A}. */
    LORA {
        @Override
        ParameterOverlay over(LoraSettings settings, BaseModel base, String path) {
            return pair(settings, base, path);
        }
    },
    /** Magnitude and direction apart. */
    DORA {
        @Override
        ParameterOverlay over(LoraSettings settings, BaseModel base, String path) {
            return new DecomposedUpdate(
                    weight(base, path).getArray(), pair(settings, base, path), base.manager());
        }
    },
    /** A factor for each output, or for each input of a feed-forward layer. */
    IA3 {
        @Override
        ParameterOverlay over(LoraSettings settings, BaseModel base, String path) {
            boolean inputs = settings.isFeedForward(path);
            Shape shape = weight(base, path).getArray().getShape();
            long size = inputs ? shape.size() / shape.get(0) : shape.get(0);
            Parameter factors =
                    OwnParameters.trained("ia3_l", base.manager().ones(new Shape(size)));
            return new Rescaling(factors, true, inputs);
        }
    },
    /** As {@link #LORA} over the sum of the earlier tasks, and orthogonal to each of them. */
    O_LORA {
        @Override
        ParameterOverlay over(LoraSettings settings, BaseModel base, String path) {
            List<StackedUpdate> earlier =
                    base.earlier().stream()
                            .filter(LoraTask.class::isInstance)
                            .map(task -> ((LoraTask) task).overlay(path))
                            .filter(StackedUpdate.class::isInstance)
                            .map(StackedUpdate.class::cast)
                            .toList();
            return new StackedUpdate(pair(settings, base, path), earlier, base.manager());
        }
    };

    /** Returns a new overlay for the weight of a path. */
    abstract ParameterOverlay over(LoraSettings settings, BaseModel base, String path);

    /** Returns the strategy's id. */
    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * Refuses a weight whose rows are not outputs, if this works row by row.
     *
     * @throws EngramException if it does not fit
     */
    void requireFit(String path, LayerUse use) {
        boolean byRow = this == DORA || this == IA3;
        if (byRow && !use.isOutputFirst()) {
            throw new EngramException(
                    ("\"%s\" works on the rows of a weight as outputs, but %s is stored (in, out)"
                                    + " for the %s \"%s\": take \"lora\", or other targets")
                            .formatted(id(), path, use.type(), use.name()));
        }
    }

    private static LowRankUpdate pair(LoraSettings settings, BaseModel base, String path) {
        return new LowRankUpdate(
                weight(base, path).getArray(),
                settings.rank(),
                settings.scale(),
                settings.dropout(),
                base.manager());
    }

    private static Parameter weight(BaseModel base, String path) {
        return base.parameters().get(path);
    }
}
