package dev.engram.djl.internal.argument;

import ai.djl.Model;
import ai.djl.nn.Block;
import dev.engram.api.EngramException;
import org.jspecify.annotations.Nullable;

/** Refuses what is null where it is given, and says what to give. */
public final class Given {

    private Given() {}

    /**
     * Returns the only argument of a call.
     *
     * @param call the method's name
     * @param example of what to give
     * @throws EngramException if it is null
     */
    public static <T> T require(@Nullable T value, String call, String example) {
        if (value == null) {
            throw new EngramException(
                    "%s(null): give a value, such as %s".formatted(call, example));
        }
        return value;
    }

    /**
     * Returns one argument of several.
     *
     * @param call the method's name
     * @param what names the argument, with its article
     * @param instead completes the phrase "give ..."
     * @throws EngramException if it is null
     */
    public static <T> T require(@Nullable T value, String call, String what, String instead) {
        if (value == null) {
            throw new EngramException(
                    "%s(...): %s is null; give %s".formatted(call, what, instead));
        }
        return value;
    }

    /**
     * Returns a model's block.
     *
     * @throws EngramException if there is no model, or no block in it
     */
    public static Block block(@Nullable Model model, String call) {
        if (model == null) {
            throw new EngramException(
                    "%s(...): the model is null; give the one that trains".formatted(call));
        }
        @Nullable Block block = model.getBlock();
        if (block == null) {
            throw new EngramException(
                    "%s(...): model \"%s\" has no block; load it (model.load) or give it one (model.setBlock) first"
                            .formatted(call, model.getName()));
        }
        return block;
    }
}
