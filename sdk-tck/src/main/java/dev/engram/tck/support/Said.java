package dev.engram.tck.support;

import dev.engram.api.Experimental;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** What the log says, where it goes to the standard error, as with {@code slf4j-simple}. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class Said {

    private Said() {}

    /** Returns what is said while some work is done. */
    public static String by(Runnable work) {
        PrintStream standard = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            work.run();
        } finally {
            System.setErr(standard);
        }
        return said.toString(StandardCharsets.UTF_8);
    }
}
