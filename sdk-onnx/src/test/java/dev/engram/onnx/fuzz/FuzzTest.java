package dev.engram.onnx.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.onnx.RelativeBias;
import dev.engram.onnx.testing.TwoLayers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program {@link FuzzLoader} for a moment, over files built here. */
class FuzzTest {

    private static final int FILES = 1500;

    @TempDir Path folder;

    @Test
    void damagedFilesAreAcceptedOrRefusedAndNothingElse() throws Exception {
        List<FuzzRun.Seed> seeds = new ArrayList<>();
        seeds.addAll(FuzzLoader.of(RelativeBias.model().write(folder.resolve("t5.onnx"))));
        seeds.addAll(FuzzLoader.of(TwoLayers.in(folder)));
        seeds.add(FuzzLoader.adapter(folder));
        FuzzRun run = new FuzzRun(folder.resolve("damaged"), seeds, 42);
        int[] left = {FILES};
        run.run(() -> left[0]-- > 0);
        assertThat(run.findings()).as(run.toString()).isEmpty();
        for (Probe probe : Probe.values()) {
            assertThat(run.accepted(probe)).as(run.toString()).isPositive();
            assertThat(run.refused(probe)).as(run.toString()).isPositive();
        }
        assertThat(run.accepted(Probe.BLOCK) + run.refused(Probe.BLOCK)).isGreaterThan(FILES / 4);
    }
}
