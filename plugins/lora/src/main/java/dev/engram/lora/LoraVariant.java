package dev.engram.lora;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import dev.engram.api.isolation.BaseModel;
import dev.engram.kit.overlay.OwnParameters;
import dev.engram.kit.overlay.ParameterOverlay;
import dev.engram.lora.internal.update.DecomposedUpdate;
import dev.engram.lora.internal.update.LowRankUpdate;
import dev.engram.lora.internal.update.Rescaling;
import dev.engram.lora.internal.update.StackedUpdate;
import dev.engram.lora.internal.update.WeightLayout;
import java.util.List;
import java.util.Locale;

/** What is put over each target. */
enum LoraVariant {
    /** {@code W + s·B·A}. */
    LORA {
        @Override
        ParameterOverlay over(
                LoraSettings settings, BaseModel base, String path, WeightLayout layout) {
            return pair(settings, base, path);
        }
    },
    /** Magnitude and direction apart. */
    DORA {
        @Override
        ParameterOverlay over(
                LoraSettings settings, BaseModel base, String path, WeightLayout layout) {
            NDArray weight = weight(base, path).getArray();
            return new DecomposedUpdate(weight, pair(settings, base, path), layout, base.manager());
        }
    },
    /** A factor for each output, or for each input of a feed-forward layer. */
    IA3 {
        @Override
        ParameterOverlay over(
                LoraSettings settings, BaseModel base, String path, WeightLayout layout) {
            boolean inputs = settings.isFeedForward(path);
            NDArray weight = weight(base, path).getArray();
            Shape size = new Shape(Rescaling.count(weight.getShape(), inputs, layout));
            NDArray ones = base.manager().ones(size, weight.getDataType());
            return new Rescaling(OwnParameters.trained("ia3_l", ones), true, inputs, layout);
        }
    },
    /** As {@link #LORA} over the sum of the earlier tasks, and orthogonal to each of them. */
    O_LORA {
        @Override
        ParameterOverlay over(
                LoraSettings settings, BaseModel base, String path, WeightLayout layout) {
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
    abstract ParameterOverlay over(
            LoraSettings settings, BaseModel base, String path, WeightLayout layout);

    /** Returns the strategy's id. */
    String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
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
