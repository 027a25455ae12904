package dev.engram.djl.tasks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import dev.engram.api.EngramException;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.kit.files.Checksums;
import dev.engram.kit.overlay.OpaqueBase;
import dev.engram.kit.overlay.OverlayStore;
import dev.engram.kit.overlay.ParameterOverlay;
import dev.engram.kit.overlay.PassValues;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which parameters of the base have grown since a task was learnt, and how many of their first rows
 * it knows: it answers as if the others were not there.
 */
final class KnownRows {

    static final KnownRows ALL = new KnownRows(Map.of(), Map.of());

    private final Map<String, Long> byPath;
    private final Map<String, ParameterOverlay> byId;

    private KnownRows(Map<String, Long> byPath, Map<String, ParameterOverlay> byId) {
        this.byPath = byPath;
        this.byId = byId;
    }

    /**
     * Returns those of a base's parameters, by path name.
     *
     * @throws EngramException if the base has no such parameter, or not so many rows of it
     */
    static KnownRows of(Map<String, Long> byPath, PairList<String, Parameter> base) {
        Map<String, ParameterOverlay> byId = new HashMap<>();
        byPath.forEach(
                (path, rows) -> {
                    Parameter grown = base.get(path);
                    if (grown == null || rows < 1 || rows > rows(grown)) {
                        throw new EngramException(
                                "The memory says that a task knows the first %s rows of %s, which this base has not: restore the directory from a backup"
                                        .formatted(rows, path));
                    }
                    byId.put(grown.getId(), new FirstRows(rows));
                });
        return new KnownRows(new LinkedHashMap<>(byPath), byId);
    }

    private static long rows(Parameter parameter) {
        Shape shape = parameter.getArray().getShape();
        return shape.dimension() == 0 ? 0 : shape.get(0);
    }

    /**
     * Finds which of some parameters begin with the rows that have a checksum; waits for the
     * device.
     *
     * @param changed their path names
     * @param sums of the values that they had, by path name
     * @return how many rows they had, by path name
     */
    static Map<String, Long> grown(List<String> changed, Map<String, String> sums, Base base) {
        Map<String, Long> grown = new LinkedHashMap<>();
        // A block that asks no store would not be given the rows of a task.
        if (OpaqueBase.isOpaque(base.block())) {
            return grown;
        }
        for (String path : changed) {
            Parameter now = base.parameters().get(path);
            String sum = sums.get(path);
            if (now != null && sum != null) {
                Checksums.grownFrom(sum, now.getArray()).ifPresent(rows -> grown.put(path, rows));
            }
        }
        return grown;
    }

    Map<String, Long> byPath() {
        return byPath;
    }

    boolean areAll() {
        return byPath.isEmpty();
    }

    /** Returns how many rows a task's own parameter has, if it is about one that has grown. */
    Optional<Long> of(String own) {
        return byPath.entrySet().stream()
                .filter(grown -> own.startsWith(grown.getKey() + "/"))
                .map(Map.Entry::getValue)
                .findFirst();
    }

    /** Returns a pass that finds those rows alone in the base. */
    ForwardPass seen(ForwardPass pass) {
        return areAll() ? pass : new Seen(pass, store(pass));
    }

    private ParameterStore store(ForwardPass pass) {
        return new OverlayStore(pass.store(), byId, pass.inputs().head().getManager());
    }

    private record Seen(ForwardPass pass, ParameterStore store) implements ForwardPass {

        @Override
        public NDList inputs() {
            return pass.inputs();
        }

        @Override
        public boolean training() {
            return pass.training();
        }

        @Override
        public NDList through(Block block, ParameterStore asked, NDList data) {
            return pass.through(block, asked, data);
        }
    }

    /**
     * The part of a base's parameter that was there when a task was learnt: a head that has got
     * more classes since has the same rows in front.
     *
     * @param count how many rows
     */
    private record FirstRows(long count) implements ParameterOverlay {

        @Override
        public PairList<String, Parameter> parameters() {
            return new PairList<>();
        }

        @Override
        public NDArray value(NDArray base, PassValues values) {
            return values.in(base).get(new NDIndex("0:" + count));
        }
    }
}
