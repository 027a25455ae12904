package dev.engram.onnx.adapter;

import dev.engram.api.EngramException;
import java.util.ArrayList;
import java.util.List;

/** Compares an adapter with the slots of a model. */
final class FitCheck {

    private final AdapterSlots slots;
    private final OnnxAdapter adapter;
    private final List<String> problems = new ArrayList<>();

    FitCheck(AdapterSlots slots, OnnxAdapter adapter) {
        this.slots = slots;
        this.adapter = adapter;
    }

    void run() {
        adapter.baseFingerprint()
                .filter(base -> !base.equals(slots.baseFingerprint()))
                .ifPresent(base -> problems.add(otherBase(base)));
        adapter.pairs().forEach(this::check);
        if (!problems.isEmpty()) {
            throw new EngramException(
                    "The adapter does not fit the model.\n  - " + String.join("\n  - ", problems));
        }
    }

    private void check(String weight, LowRankPair pair) {
        AdapterSlot slot = slots.byWeight().get(weight);
        if (slot == null) {
            problems.add(
                    "the model has no slot for %s; it has them for %s"
                            .formatted(weight, slots.byWeight().keySet()));
        } else if (!slot.fits(pair)) {
            problems.add(slot.misfit(pair));
        }
    }

    private String otherBase(String base) {
        return "it was trained on the base %s, this one is %s: use the file that it was trained on; one whose weights were changed after it got its slots is another base"
                .formatted(base, slots.baseFingerprint());
    }
}
