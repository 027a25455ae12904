package dev.engram.benchmark.meta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.scenarios.Protocol;
import dev.engram.scenarios.images.DrawnDigits;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetaRunTest {

    @ParameterizedTest
    @ValueSource(strings = {"permuted-mnist-6", "rotated-mnist-6"})
    void tellsWhatIsKeptWithAndWithoutWhatWasLearntBefore(String name) throws Exception {
        Protocol protocol = new Protocol(name, List.of(20), 32, 20, 0, 1e-2f, false);
        MetaOptions options = new MetaOptions();
        options.rounds = 4;
        options.innerSteps = 3;
        options.stream = 3;
        options.images = 100;
        Map<String, MetaRun.Result> results =
                new MetaRun(protocol, DrawnDigits.draw(600, 200, 1), options, 1).run();
        assertThat(results).containsOnlyKeys(MetaRun.WAYS);
        assertThat(results.values())
                .allSatisfy(
                        result -> {
                            assertThat(result.justLearnt()).isGreaterThan(0.1);
                            assertThat(result.average()).isLessThanOrEqualTo(1);
                        });
    }
}
