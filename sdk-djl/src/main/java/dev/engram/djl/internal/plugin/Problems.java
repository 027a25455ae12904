package dev.engram.djl.internal.plugin;

import dev.engram.api.EngramException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** What is wrong with a listener that is to be built: told all at once, not one after the other. */
public final class Problems {

    private final List<EngramException> seen = new ArrayList<>();

    /** Adds one, unless the condition holds. */
    public void require(boolean condition, String problem) {
        if (!condition) {
            seen.add(new EngramException(problem));
        }
    }

    /** Returns what a call gives, or nothing if it raises a problem, which is added. */
    public <T> Optional<T> attempt(Supplier<T> call) {
        try {
            return Optional.of(call.get());
        } catch (EngramException e) {
            seen.add(e);
            return Optional.empty();
        }
    }

    /** Runs what may raise a problem, which is added. */
    public void attempt(Runnable call) {
        attempt(
                () -> {
                    call.run();
                    return true;
                });
    }

    /** Returns whether nothing is wrong so far. */
    public boolean isEmpty() {
        return seen.isEmpty();
    }

    /**
     * Raises the problems, if there are any: a single one itself, several as one whose message has
     * all of theirs, with the first as its cause and the others suppressed.
     */
    public void raise() {
        if (!seen.isEmpty()) {
            throw asOne();
        }
    }

    /** Returns what {@link #raise} raises; there must be a problem. */
    public EngramException asOne() {
        if (seen.size() == 1) {
            return seen.get(0);
        }
        EngramException all =
                new EngramException(
                        seen.stream()
                                .map(EngramException::getMessage)
                                .collect(Collectors.joining("\n")),
                        seen.get(0));
        seen.stream().skip(1).forEach(all::addSuppressed);
        return all;
    }
}
