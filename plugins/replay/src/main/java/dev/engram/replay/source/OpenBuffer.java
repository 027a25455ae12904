package dev.engram.replay.source;

import ai.djl.ndarray.NDManager;
import dev.engram.api.guard.FinishedTask;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.memory.MemoryWriter;
import dev.engram.api.replay.ReplayedBatch;
import dev.engram.replay.internal.ledger.Entry;
import dev.engram.replay.internal.ledger.KeptSamples;
import dev.engram.replay.internal.ledger.Ledger;
import dev.engram.replay.internal.ledger.SelectionRule;
import dev.engram.replay.internal.ledger.Underway;
import dev.engram.replay.internal.recognition.Subject;
import dev.engram.replay.store.MissingSampleException;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a buffer has once the device is known: samples in a store, and an account of them. */
final class OpenBuffer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OpenBuffer.class);
    private static final String ACCOUNT = "account";

    /** What earlier versions wrote instead. */
    private static final String TASKS = "tasks";

    private final ReplayBuffer.Builder settings;
    private final NDManager manager;
    private final StoreQueue queue;
    private final Ledger ledger;
    private final Intake intake;
    private final Drawing drawing;
    private final Books books;
    private final Inventory inventory;
    private boolean isRestored;
    private Optional<Account> known = Optional.empty();
    private boolean isWhole;
    private boolean hasExpired;

    /** Opens the store; closes it again if it does not fit the settings. */
    OpenBuffer(ReplayBuffer.Builder settings, Inventory inventory, NDManager manager) {
        this.settings = settings;
        this.inventory = inventory;
        this.manager = manager;
        this.queue = new StoreQueue(settings.store.apply(manager));
        this.ledger = settings.newLedger();
        this.intake = new Intake(settings, ledger, queue, manager);
        this.drawing = new Drawing(ledger, queue, settings.storage, manager);
        this.books = new Books(ledger, queue, manager, drawing);
        try {
            books.load();
        } catch (RuntimeException e) {
            queue.close();
            throw e;
        }
    }

    KeptSamples kept() {
        return ledger.kept();
    }

    /** Draws samples of all tasks but one; what others took out of a shared store is not missed. */
    List<ReplayedBatch> draw(String without, int size, NDManager owner) {
        requireWhole();
        expire();
        try {
            return drawing.draw(without, size, owner);
        } catch (MissingSampleException e) {
            LOG.debug("Another process removed samples", e);
            drawing.forget();
            books.reload();
            return drawing.draw(without, size, owner);
        }
    }

    Intake intake() {
        return intake;
    }

    /** Begins a task: what the last one pushed out goes, and what a dead one left. */
    void begin(String task) {
        if (queue.isDurable()) {
            books.reload();
        }
        requireWhole();
        Optional<Underway> last = ledger.underway();
        if (books.isInherited() && last.isPresent() && last.get().task().equals(task)) {
            books.dropUnfinished();
        }
        books.dropLeftovers(task, isRestored);
        books.accept();
        books.agree();
        books.leave(ledger.shrink());
        intake.forgetTask();
        expire();
        ledger.begin(task);
    }

    /**
     * What the memory knows must be there, and all that is there must be sound; before that is
     * known nothing of the store is changed.
     */
    private void requireWhole() {
        inventory.require(queue.toString());
        if (!isWhole) {
            inventory.requireReadable(queue, books, manager);
            isWhole = true;
            ledger.countChanges();
            known.ifPresent(this::settleUnfinished);
            books.tidy();
        }
    }

    /** Prepares for samples that come without a task's begin, as from a data set. */
    void settle() {
        requireWhole();
        if (books.isInherited()) {
            books.accept();
        }
        expire();
    }

    /** Ends the task that trains; what it pushed out stays aside until the next one begins. */
    void end(FinishedTask task) {
        requireWhole();
        expire();
        if (!SelectionRule.of(settings.selection).isOnline()) {
            new Herding(task, settings.budget).keepIn(intake);
        }
        ledger.underway().ifPresent(Underway::end);
        books.apply(List.of());
        if (hasExpired) {
            hasExpired = false;
            queue.purge();
        }
    }

    /**
     * Removes all samples of a task; if it is the one under way, as if it had never begun. Nothing
     * of a store that is not the one that the memory knows.
     */
    long forget(String task) {
        if (inventory.isBroken()) {
            return 0;
        }
        boolean trains = ledger.underway().filter(u -> u.task().equals(task)).isPresent();
        List<Entry> found =
                trains ? ledger.takeBack() : books.takeOut(entry -> entry.key.task().equals(task));
        books.apply(found);
        expire();
        return found.size();
    }

    /**
     * Removes the samples of a subject.
     *
     * @throws EngramException if the store is not the one that the memory knows: in that one there
     *     may be more
     */
    long erase(String subject) {
        if (queue.isDurable()) {
            books.reload();
        }
        List<Entry> found = books.takeOut(entry -> Subject.isOf(entry.key.subject(), subject));
        books.leave(found);
        // Also what was removed earlier, for want of room, is still in the files.
        queue.purge();
        if (inventory.isBroken()) {
            inventory.require(queue.toString());
        }
        return found.size();
    }

    /** Ends the account of a task that is over, and leaves nothing of what is not kept. */
    void compact() {
        requireWhole();
        expire();
        if (ledger.underway().filter(Underway::hasEnded).isPresent()) {
            books.accept();
            books.leave(ledger.shrink());
        }
        queue.purge();
    }

    void save(MemoryWriter memory) {
        expire();
        queue.finish();
        if (queue.isDurable()) {
            books.apply(List.of());
            queue.finish();
        } else {
            new BufferFile(ledger, queue).save(memory);
        }
        memory.text(ACCOUNT, inventory.toWrite(books.account()).toString());
    }

    void restore(MemoryReader memory) {
        isRestored = true;
        known =
                memory.text(ACCOUNT)
                        .map(Account::parse)
                        .or(() -> memory.text(TASKS).map(Account::ofTasks));
        if (!queue.isDurable()) {
            BufferFile.restore(memory, ledger, queue);
        }
        known.ifPresent(this::compare);
    }

    /** A task that trained when the last process died is the memory's, or nobody's. */
    private void settleUnfinished(Account then) {
        Optional<Underway> last = ledger.underway();
        if (last.isEmpty()) {
            return;
        }
        if (then.of(last.get().task()) > 0) {
            books.accept();
        } else {
            books.dropUnfinished();
        }
    }

    private void compare(Account then) {
        inventory.compare(then, books.account(), !queue.isShared(), settings.timeToLive != null);
    }

    /** Removes what has been kept for too long. */
    void expire() {
        if (settings.timeToLive == null) {
            return;
        }
        long oldest = settings.clock.millis() - settings.timeToLive.toMillis();
        List<Entry> old = books.takeOld(oldest);
        if (!old.isEmpty()) {
            books.leave(old);
            hasExpired = true;
        }
    }

    @Override
    public void close() {
        drawing.forget();
        try (manager) {
            try {
                if (isWhole && ledger.underway().filter(Underway::hasEnded).isPresent()) {
                    books.accept();
                }
            } finally {
                queue.close();
            }
        }
    }
}
