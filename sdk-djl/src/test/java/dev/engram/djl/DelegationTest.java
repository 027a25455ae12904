package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.api.importance.ImportanceEstimator;
import dev.engram.api.isolation.ForwardPass;
import dev.engram.api.isolation.ParameterIsolation;
import dev.engram.api.memory.MemoryReader;
import dev.engram.api.replay.ReplaySource;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A default method that an interface of plug-ins gets must not stop at what stands before them. */
class DelegationTest {

    static List<Arguments> wrappers() {
        return List.of(
                Arguments.of(ParameterIsolation.class, "djl.tasks.PluggedIsolation"),
                Arguments.of(ForwardPass.class, "djl.internal.isolation.DetouredPass"),
                Arguments.of(ImportanceEstimator.class, "kit.calls.PluggedEstimator"),
                Arguments.of(ReplaySource.class, "kit.calls.PluggedSource"),
                Arguments.of(MemoryReader.class, "kit.calls.PartMemory$Share"),
                Arguments.of(MemoryReader.class, "djl.internal.memory.Generation$Reader"));
    }

    @ParameterizedTest
    @MethodSource("wrappers")
    void whatStandsBeforeAPluginPassesEveryCallOn(Class<?> contract, String name)
            throws ClassNotFoundException {
        Class<?> wrapper = Class.forName("dev.engram." + name);
        List<String> missing =
                Arrays.stream(contract.getMethods())
                        .filter(method -> !Modifier.isStatic(method.getModifiers()))
                        .filter(method -> !declares(wrapper, method))
                        .map(Method::getName)
                        .toList();
        assertThat(missing).isEmpty();
    }

    private static boolean declares(Class<?> wrapper, Method method) {
        return Arrays.stream(wrapper.getDeclaredMethods())
                .anyMatch(
                        own ->
                                own.getName().equals(method.getName())
                                        && own.getParameterCount() == method.getParameterCount());
    }
}
