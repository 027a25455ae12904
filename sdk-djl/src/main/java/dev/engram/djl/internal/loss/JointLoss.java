package dev.engram.djl.internal.loss;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import ai.djl.training.Trainer;
import ai.djl.training.loss.Loss;
import dev.engram.api.EngramException;
import dev.engram.api.guard.LossView;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.djl.internal.check.WrappedLoss;
import dev.engram.djl.internal.guards.GuardSlot;
import dev.engram.djl.internal.guards.Guards;
import dev.engram.djl.internal.isolation.IsolatedBlock;
import java.lang.reflect.Field;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Asks guards for terms of the loop's loss while its collector is open, so that the loop's own
 * backward pass serves them.
 *
 * <p>DJL tells nobody of a forward pass, so a block that changes nothing stands before the user's
 * and takes note of what went in and came out, and the trainer's loss is one that adds the terms to
 * the user's. Both are there only for guards that have terms, and only while the trainer trains.
 */
public final class JointLoss implements AutoCloseable {

    private final @Nullable Trainer trainer;
    private final @Nullable Block heard;
    private final Guards guards;
    private List<GuardSlot> slots = List.of();
    private @Nullable Views views;
    private @Nullable Pass last;
    private @Nullable NDManager scope;
    private final Set<String> added = new HashSet<>();
    private boolean joined;
    private boolean isFirst;
    private boolean hasToldOfLoop;

    private JointLoss(@Nullable Trainer trainer, Guards guards) {
        this.trainer = trainer;
        this.guards = guards;
        this.heard = trainer == null ? null : stand(trainer);
    }

    /** Returns one that asks nobody. */
    public static JointLoss none() {
        return new JointLoss(null, new Guards(List.of()));
    }

    /** Returns one for a trainer that begins; it asks nobody where that cannot be. */
    public static JointLoss of(Trainer trainer, Guards guards) {
        boolean can =
                !guards.addingToLoss().isEmpty()
                        && JoinObstacle.of(trainer, guards, false).isEmpty();
        return can ? new JointLoss(trainer, guards) : none();
    }

    /** Returns whether a trainer's loss can be replaced with this version of DJL. */
    static boolean isPossible() {
        return field().isPresent();
    }

    /** Begins to ask guards, once the first batch of a task was heard. */
    public void open(Views seen) {
        slots = guards.slots().stream().filter(slot -> slot.named().addsToLoss()).toList();
        views = seen;
        isFirst = true;
    }

    /**
     * Returns whether guards were asked for the batch whose backward pass is over.
     *
     * @throws EngramException if they could not be asked, and one does nothing then
     */
    public boolean wasJoined() {
        boolean was = joined;
        boolean isMissed = !was && !isFirst && !hasToldOfLoop && !slots.isEmpty();
        isFirst = false;
        forget();
        if (isMissed) {
            hasToldOfLoop = true;
            JoinObstacle.sayOfLoop(slots);
        }
        return was;
    }

    /** Returns the guards with terms in the loss of any batch since this was asked before. */
    public Set<String> takeJoined() {
        Set<String> names = Set.copyOf(added);
        added.clear();
        return names;
    }

    /** Asks nobody until {@link #open}. */
    public void rest() {
        slots = List.of();
        views = null;
        added.clear();
        forget();
    }

    @Override
    public void close() {
        rest();
        if (trainer == null || heard == null) {
            return;
        }
        Model model = trainer.getModel();
        if (model.getBlock() == heard) {
            model.setBlock(IsolatedBlock.usersBlock(heard));
        }
        replace(trainer, WrappedLoss.own(trainer.getLoss()));
    }

    private Block stand(Trainer beginning) {
        Model model = beginning.getModel();
        Block own = model.getBlock();
        Block before = new IsolatedBlock(own, pass -> through(own, pass), Runnable::run);
        model.setBlock(before);
        replace(beginning, new JoinedLoss(beginning.getLoss(), this));
        return before;
    }

    private NDList through(Block own, ForwardPass pass) {
        NDList given = new NDList(pass.inputs());
        NDList predictions = pass.through(own, pass.store(), pass.inputs());
        if (pass.training() && !slots.isEmpty()) {
            last = new Pass(given, new NDList(), predictions);
        }
        return predictions;
    }

    /** Returns the sum of the guards' terms for a pass that was heard, once. */
    Optional<NDArray> terms(NDList labels, NDList predictions) {
        Pass pass = last;
        Views seen = views;
        last = null;
        if (pass == null || seen == null || !pass.returned(predictions)) {
            return Optional.empty();
        }
        forget();
        NDManager scratch = guards.manager().newSubManager();
        scratch.setName("engram loss");
        scope = scratch;
        joined = true;
        return sum(seen, new Pass(pass.inputs, labels, predictions), scratch);
    }

    private Optional<NDArray> sum(Views seen, Pass pass, NDManager scratch) {
        NDArray sum = null;
        for (GuardSlot slot : slots) {
            NDArray term = asked(slot, seen.of(slot, pass, scratch));
            if (term != null) {
                added.add(slot.name());
                sum = sum == null ? term : sum.add(term);
            }
        }
        return Optional.ofNullable(sum);
    }

    private static @Nullable NDArray asked(GuardSlot slot, LossView view) {
        NDArray[] term = new NDArray[1];
        slot.call(
                "for its term of the loss of step " + view.step(),
                () -> term[0] = slot.guard().onLoss(view).orElse(null));
        return term[0];
    }

    private void forget() {
        joined = false;
        last = null;
        if (scope != null) {
            scope.close();
            scope = null;
        }
    }

    private static Optional<Field> field() {
        try {
            Field field = Trainer.class.getDeclaredField("loss");
            field.setAccessible(true);
            return Optional.of(field);
        } catch (ReflectiveOperationException | RuntimeException e) {
            return Optional.empty();
        }
    }

    private static void replace(Trainer trainer, Loss loss) {
        try {
            field().orElseThrow().set(trainer, loss);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Gives what a guard sees of a pass. */
    public interface Views {

        /** Returns what a guard sees; {@code scope} owns what it makes. */
        LossView of(GuardSlot slot, Pass pass, NDManager scope);
    }

    /** A forward pass of the loop. */
    public record Pass(NDList inputs, NDList labels, NDList predictions) {

        boolean returned(NDList others) {
            return !others.isEmpty() && predictions.head() == others.head();
        }
    }
}
