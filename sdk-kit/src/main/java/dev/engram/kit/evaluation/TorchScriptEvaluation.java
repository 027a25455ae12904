package dev.engram.kit.evaluation;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.api.EngramException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * Runs a TorchScript model in evaluation mode with autograd on.
 *
 * <p>DJL ties the two together: {@code training = false} also forbids autograd. The engine's own
 * public entry point tells them apart; it is found by name, because Engram compiles against no
 * engine.
 */
final class TorchScriptEvaluation extends AbstractBlock {

    private static final String BLOCK = "ai.djl.pytorch.engine.PtSymbolBlock";
    private static final String ENTRY = "ai.djl.pytorch.jni.IValueUtils";

    private final Block model;
    private final MethodHandle forward;
    private boolean inEvaluationMode;

    TorchScriptEvaluation(Block model) {
        this.model = model;
        this.forward = entryPoint(model);
    }

    static boolean isTorchScript(Block block) {
        return block.getClass().getName().equals(BLOCK);
    }

    @Override
    protected NDList forwardInternal(
            ParameterStore store,
            NDList inputs,
            boolean training,
            @Nullable PairList<String, Object> params) {
        if (!inEvaluationMode) {
            // An ordinary pass switches module and DJL's flag together, so that the user's next
            // training pass switches both back.
            model.forward(store, inputs, false).close();
            inEvaluationMode = true;
        }
        try {
            return (NDList) forward.invoke(model, inputs, true);
        } catch (Throwable e) {
            throw new EngramException("The TorchScript model failed in evaluation mode: " + e, e);
        }
    }

    @Override
    public Shape[] getOutputShapes(Shape[] inputShapes) {
        return model.getOutputShapes(inputShapes);
    }

    private static MethodHandle entryPoint(Block model) {
        try {
            Class<?> entry = model.getClass().getClassLoader().loadClass(ENTRY);
            MethodType type =
                    MethodType.methodType(
                            NDList.class, model.getClass(), NDList.class, boolean.class);
            return MethodHandles.publicLookup().findStatic(entry, "forward", type);
        } catch (ReflectiveOperationException e) {
            throw new EngramException(
                    "This PyTorch engine has no "
                            + ENTRY
                            + ".forward: use DJL 0.36, with which Engram was tested",
                    e);
        }
    }
}
