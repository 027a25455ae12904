package dev.engram.onnx.runtime;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.common.util.concurrent.Uninterruptibles;
import dev.engram.api.EngramException;
import dev.engram.onnx.internal.session.Sessions;
import java.util.concurrent.CountDownLatch;

/** A session that is closed only when nothing runs in it. Safe for concurrent use. */
final class OwnedSession {

    private final OrtSession session;
    private final String owner;
    private final CountDownLatch idle = new CountDownLatch(1);
    private final UseCount uses = new UseCount(idle::countDown);
    private boolean freed;

    /**
     * Takes a session over.
     *
     * @param owner what was closed, for the message to those who come later
     */
    OwnedSession(OrtSession session, String owner) {
        this.session = session;
        this.owner = owner;
    }

    /**
     * Does something in the session, which stays open meanwhile.
     *
     * @throws EngramException if it is closed
     */
    <T> T use(Use<T> step) throws OrtException {
        if (!uses.begin()) {
            throw new EngramException("This %s is closed: open another one".formatted(owner));
        }
        try {
            return step.in(session);
        } finally {
            uses.end();
        }
    }

    /**
     * Refuses uses from now on, waits for those that began, and closes the session once.
     *
     * @param first what is freed before it
     */
    void close(Runnable first) {
        uses.retire();
        Uninterruptibles.awaitUninterruptibly(idle);
        synchronized (idle) {
            if (!freed) {
                freed = true;
                first.run();
                Sessions.close(session);
            }
        }
    }

    /** Something done in a session. */
    interface Use<T> {

        T in(OrtSession session) throws OrtException;
    }
}
