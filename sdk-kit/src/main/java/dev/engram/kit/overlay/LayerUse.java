package dev.engram.kit.overlay;

import dev.engram.api.Stable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The layer that a weight is for, as its block sees it. */
@Stable(since = "0.1", implementedBy = "nobody")
public final class LayerUse {

    private final String type;
    private final String name;
    private final boolean isOutputFirst;
    private final String module;

    private LayerUse(String type, String name, boolean isOutputFirst, String module) {
        this.type = type;
        this.name = name;
        this.isOutputFirst = isOutputFirst;
        this.module = module;
    }

    /**
     * Returns the layer use with these values.
     *
     * @param type what the layer computes, such as {@code MatMul} or {@code Conv}
     * @param name the layer's own name, which need not be the weight's; empty if it has none
     * @param isOutputFirst whether the weight's first axis is that of the layer's outputs, as in
     *     {@code Linear}
     * @param module the path of the module that the layer was in the model that the block was
     *     exported from, dotted, such as {@code encoder.layer.0.attention.self.query}; empty if
     *     that is not known
     */
    public static LayerUse of(String type, String name, boolean isOutputFirst, String module) {
        return new LayerUse(type, name, isOutputFirst, module);
    }

    /** Returns the use by a layer of which no module is known. */
    public static LayerUse of(String type, String name, boolean isOutputFirst) {
        return new LayerUse(type, name, isOutputFirst, "");
    }

    /** Returns what the layer computes, such as {@code MatMul} or {@code Conv}. */
    public String type() {
        return type;
    }

    /** Returns the layer's own name, which need not be the weight's; empty if it has none. */
    public String name() {
        return name;
    }

    /**
     * Returns whether the weight's first axis is that of the layer's outputs, as in {@code Linear}.
     */
    public boolean isOutputFirst() {
        return isOutputFirst;
    }

    /**
     * Returns the path of the module that the layer was in the model that the block was exported
     * from, dotted, such as {@code encoder.layer.0.attention.self.query}; empty if that is not
     * known.
     */
    public String module() {
        return module;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof LayerUse that
                && type.equals(that.type)
                && name.equals(that.name)
                && isOutputFirst == that.isOutputFirst
                && module.equals(that.module);
    }

    @Override
    public int hashCode() {
        return Objects.hash(type, name, isOutputFirst, module);
    }
}
