package dev.engram.djl;

import ai.djl.engine.Engine;
import dev.engram.api.EngramException;
import dev.engram.djl.internal.argument.Given;
import dev.engram.djl.internal.guards.Guards;
import dev.engram.djl.internal.history.TaskHistory;
import dev.engram.djl.internal.privacy.Erasure;
import dev.engram.djl.internal.training.TaskSession;
import dev.engram.kit.autograd.RequiredEngine;

/**
 * Removes the samples of a subject wherever they are.
 *
 * @param training what trains now, and keeps samples until its task is learnt
 */
record SubjectErasure(Guards guards, TaskHistory history, GuardedTraining training) {

    /** Returns how many samples the guards removed. */
    long erase(String subject) {
        if (Given.require(subject, "erase", "\"Ada\"").isEmpty()) {
            throw new EngramException("erase(\"\"): samples of nobody are not erased; give a name");
        }
        Erasure erasure = new Erasure(subject);
        erasure.run(this::open);
        TaskSession current = training.session();
        if (current != null) {
            erasure.run(() -> current.erase(subject));
        }
        guards.erase(subject, erasure);
        erasure.run(() -> history.rewrite(guards));
        return erasure.finish(history.audit());
    }

    private void open() {
        if (!guards.isOpen()) {
            Engine engine = RequiredEngine.get();
            guards.open(engine.defaultDevice(), engine.getEngineName(), history.restored());
        }
    }
}
