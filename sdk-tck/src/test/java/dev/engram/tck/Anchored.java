package dev.engram.tck;

import ai.djl.ndarray.NDArray;
import dev.engram.api.EngramException;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.guard.ForgettingGuard;
import dev.engram.api.guard.GuardEffect;
import dev.engram.api.guard.LiveParameter;
import dev.engram.api.guard.StepView;
import dev.engram.api.guard.TrainingView;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Pulls all weights to where the last task left them; wrong in the way that it is told. */
final class Anchored implements ForgettingGuard {

    /** The ways to be wrong, by the rule that each breaks. */
    enum Fault {
        NONE,
        G1,
        G2,
        G3,
        /** Once it protects, nothing is learnt any more. */
        G3_STOPS,
        G4,
        G5,
        G6,
        G6_STOPS,
        G7,
        G7_STOPS,
        G8,
        /** Does nothing once a parameter is frozen. */
        G8_IDLE,
        G9,
        G10,
        G11,
        /** Does nothing on a TorchScript model. */
        G11_IDLE,
        G13,
        /** States version 0 of its state. */
        G1_VERSION
    }

    private static final float PULL = 0.5f;

    private final Fault fault;
    private final Map<String, NDArray> anchors = new LinkedHashMap<>();
    private boolean isClosed;

    Anchored(Fault fault) {
        this.fault = fault;
    }

    @Override
    public String name() {
        return fault == Fault.G1 ? "other" : "anchored";
    }

    @Override
    public void onTaskBegin(TrainingView training) {
        if (fault == Fault.G11 && !isOfBlocks(training.parameters())) {
            throw new EngramException("only networks of DJL's blocks");
        }
    }

    @Override
    public void onBackward(StepView step) {
        if (fault == Fault.G5) {
            step.manager().create(1f);
        }
        if (isIdle(step)) {
            return;
        }
        for (LiveParameter parameter : step.parameters()) {
            NDArray anchor = anchors.get(parameter.name());
            try (NDArray gradient = parameter.gradient()) {
                if (fault == Fault.G2) {
                    gradient.addi(1e-3f);
                }
                if (anchor != null && fault != Fault.G3) {
                    pull(parameter.value(), anchor, gradient);
                }
                if (anchor != null && fault.name().endsWith("_STOPS")) {
                    gradient.muli(0);
                }
            }
        }
    }

    private boolean isIdle(StepView step) {
        return switch (fault) {
            case G8_IDLE -> step.parameters().size() < anchors.size();
            case G11_IDLE -> !isOfBlocks(step.parameters());
            default -> false;
        };
    }

    private static boolean isOfBlocks(List<LiveParameter> parameters) {
        return parameters.get(0).name().startsWith("01Linear");
    }

    private static void pull(NDArray value, NDArray anchor, NDArray gradient) {
        try (NDArray away = value.sub(anchor)) {
            away.muli(PULL);
            gradient.addi(away);
        }
    }

    @Override
    public void onTaskEnd(FinishedTask task) {
        if (fault == Fault.G8) {
            Map<String, NDArray> moved = task.model().copy(task.scratch());
            moved.values().forEach(value -> value.addi(1e-3f));
            task.model().set(moved);
        }
        for (LiveParameter parameter : task.parameters()) {
            NDArray anchor = parameter.value().duplicate();
            anchor.attach(task.manager());
            NDArray before = anchors.put(parameter.name(), anchor);
            if (before != null) {
                before.close();
            }
        }
    }

    @Override
    public void onTaskAborted(TrainingView training) {
        if (fault == Fault.G7) {
            anchors.values().forEach(NDArray::close);
            anchors.clear();
        }
    }

    @Override
    public Optional<GuardEffect> effect() {
        return anchors.isEmpty() || fault == Fault.G4
                ? Optional.empty()
                : Optional.of(GuardEffect.of(0, 0.5));
    }

    @Override
    public long erase(String subject) {
        return fault == Fault.G9 ? 1 : 0;
    }

    @Override
    public int stateVersion() {
        return fault == Fault.G1_VERSION ? 0 : 1;
    }

    @Override
    public void save(MemoryWriter memory) {
        if (fault != Fault.G6) {
            anchors.forEach(
                    (name, value) -> {
                        NDArray kept = value.mul(fault == Fault.G13 ? 1.001 : 1);
                        kept.attach(memory.manager());
                        memory.tensor("anchor", name, kept);
                    });
        }
    }

    @Override
    public void restore(MemoryReader memory) {
        anchors.putAll(memory.tensors("anchor", memory.manager()));
    }

    @Override
    public void close() {
        if (fault == Fault.G10 && !isClosed) {
            isClosed = true;
            throw new IllegalStateException("nothing was learnt");
        }
    }
}
