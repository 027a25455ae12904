package dev.engram.assistant.encoder;

import dev.engram.assistant.corpus.Curriculum;
import dev.engram.assistant.corpus.Sentence;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Makes the base of all runs, which takes minutes, or reads one that was made before. */
public final class CachedBase {

    private static final int SEED = 1;

    private final Architecture architecture;
    private final int epochs;
    private final PrintStream out;

    public CachedBase(Architecture architecture, int epochs, PrintStream out) {
        this.architecture = architecture;
        this.epochs = epochs;
        this.out = out;
    }

    /**
     * Returns the base for the sentences of a curriculum.
     *
     * @param folder where it is kept for the next time, or nothing
     */
    public Base of(Curriculum curriculum, @Nullable Path folder) throws IOException {
        List<String> text =
                curriculum.domains().stream()
                        .flatMap(domain -> domain.train().stream())
                        .map(Sentence::text)
                        .toList();
        Path cached = folder == null ? null : folder.resolve(name(text));
        if (cached != null && Files.isRegularFile(cached)) {
            out.println("Base: " + cached);
            return Base.read(cached);
        }
        long begin = System.nanoTime();
        Base base =
                new Pretraining(architecture, epochs, SEED)
                        .run(text, epoch -> out.print("\rBase: " + epoch));
        out.printf(Locale.ROOT, "%nBase: %.1f s%n", (System.nanoTime() - begin) / 1e9);
        if (cached != null) {
            base.write(cached);
        }
        return base;
    }

    private String name(List<String> text) {
        return String.format(
                Locale.ROOT,
                "base-%d-%d-%d-%08x.params",
                architecture.rows(),
                architecture.width(),
                epochs,
                text.hashCode());
    }
}
