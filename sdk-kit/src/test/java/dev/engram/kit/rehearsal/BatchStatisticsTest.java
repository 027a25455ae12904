package dev.engram.kit.rehearsal;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.nn.Block;
import ai.djl.nn.BlockList;
import ai.djl.nn.ParameterList;
import ai.djl.nn.SymbolBlock;
import dev.engram.kit.evaluation.TwinnedBlock;
import java.lang.reflect.Proxy;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BatchStatisticsTest {

    /** It has no children, and what stands before it is no model of another framework itself. */
    @Test
    void whatAModelOfAnotherFrameworkDoesIsOutOfSightAlsoBehindABlockThatStandsBeforeIt() {
        Block script = block(SymbolBlock.class, Map.of());
        Block before =
                block(
                        TwinnedBlock.class,
                        Map.of(
                                "base", script,
                                "getParameters", new ParameterList(),
                                "getChildren", new BlockList()));
        assertThat(BatchStatistics.mayBeTakenBy(script)).isTrue();
        assertThat(BatchStatistics.mayBeTakenBy(before)).isTrue();
    }

    private static <T> T block(Class<T> type, Map<String, Object> answers) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) -> answers.get(method.getName())));
    }
}
