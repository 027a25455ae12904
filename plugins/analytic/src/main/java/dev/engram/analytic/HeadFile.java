package dev.engram.analytic;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.engram.analytic.internal.sums.HeadStatistics;
import dev.engram.api.EngramException;
import dev.engram.kit.autograd.EngineMemory;
import dev.engram.kit.files.AtomicReplacement;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The sums of an {@link AnalyticHead} as one file: a list of arrays in DJL's encoding. */
final class HeadFile {

    private HeadFile() {}

    static void write(Path file, AnalyticHead head) throws IOException {
        HeadStatistics sums = head.sums();
        try (NDManager scratch = sums.sums().getManager().newSubManager()) {
            NDArray counts = scratch.create(sums.counts());
            counts.setName(head.description());
            NDList all = new NDList(counts);
            if (sums.classes() > 0) {
                all.add(sums.sums());
            }
            all.addAll(sums.strips());
            AtomicReplacement.write(file, all::encode);
        }
    }

    static void read(Path file, AnalyticHead into) throws IOException {
        HeadStatistics sums = into.sums();
        try (NDManager scratch = sums.sums().getManager().newSubManager();
                InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            NDList all = NDList.decode(scratch, in);
            String written = String.valueOf(all.head().getName());
            if (!written.equals(into.description())) {
                throw new EngramException(
                        "%s holds the sums of a %s; this head is a %s: build it alike"
                                .formatted(file, written, into.description()));
            }
            long[] counts = all.head().toLongArray();
            if (counts.length > 0) {
                NDList owned = new NDList();
                all.subNDList(1).forEach(array -> owned.add(EngineMemory.copy(array, scratch)));
                List<NDArray> strips = owned.subNDList(1);
                sums.addAll(HeadStatistics.of(sums.width(), strips, owned.head(), counts, scratch));
            }
        }
    }
}
