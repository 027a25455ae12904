package dev.engram.quickstart.memory;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.engram.api.spi.Role;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.ForgettingListener;
import dev.engram.djl.discovery.StrategyCatalog;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a released Engram wrote is restored by every later one: beside each plug-in lie memory
 * directories, one for each version of its strategies' state, that are never written anew.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KeptMemoryTest {

    private static final String HOW =
            "%s keeps no memory of version %d of its state in %s: run ./mvnw -pl samples/quickstart"
                    + " -am test -Dtest=KeptMemoryTest -Dsurefire.failIfNoSpecifiedTests=false"
                    + " -Dengram.write=true and commit it; those of earlier versions stay";
    private static final Collection<StrategyProvider> STRATEGIES =
            StrategyCatalog.discover(KeptMemoryTest.class.getClassLoader()).providers().values();

    @TempDir Path temporary;

    /**
     * Without those that train nothing but a head: DJL's check before its first step adds up the
     * gradients, and those of a head of two classes under softmax are zero together.
     */
    static List<String> ids() {
        return STRATEGIES.stream()
                .filter(strategy -> !strategy.roles().contains(Role.SOLVED_HEAD))
                .map(StrategyProvider::id)
                .toList();
    }

    static List<KeptMemory> all() throws IOException {
        List<KeptMemory> all = new ArrayList<>();
        for (String id : ids()) {
            Path folder = folder(id);
            if (Files.exists(folder)) {
                try (Stream<Path> versions = Files.list(folder)) {
                    versions.sorted().forEach(version -> all.add(new KeptMemory(version, id)));
                }
            }
        }
        return all;
    }

    @Order(1)
    @ParameterizedTest
    @MethodSource("ids")
    void theVersionThatIsWrittenNowIsKept(String id) throws IOException {
        KeptMemory now = new KeptMemory(temporary.resolve("now"), id);
        now.write();
        int version = version(now.memory(), id);
        Path folder = folder(id).resolve("state-" + version);
        if (!Files.exists(folder) && Boolean.getBoolean("engram.write")) {
            Files.createDirectories(folder.getParent());
            copy(now.folder(), folder);
        }
        assertThat(folder).as(HOW, id, version, folder(id)).isDirectory();
    }

    @Order(2)
    @ParameterizedTest
    @MethodSource("all")
    void whatWasKeptIsRestoredAndGoesOn(KeptMemory kept) throws IOException {
        Path memory = temporary.resolve("memory");
        copy(kept.memory(), memory);
        try (Model model = kept.modelThen();
                NDManager manager = NDManager.newBaseManager(Device.cpu());
                ForgettingListener listener = kept.listener(memory)) {
            assertThat(KeptMemory.learnt(listener)).containsExactly("task-1");
            if (KeptMemory.isolates(listener, model)) {
                NDArray answers = KeptMemory.answer(listener, model, manager);
                assertThat(answers.allClose(kept.answers(manager), 1e-4, 1e-4, false)).isTrue();
            }
            kept.fit(model, listener, 1);
            assertThat(KeptMemory.learnt(listener)).containsExactly("task-1", "task-2");
            // Averaging says so where it kept nothing of the old weights.
            if (!kept.id().equals("averaging")) {
                listener.effect(kept.id())
                        .ifPresent(
                                effect ->
                                        assertThat(effect.gradientShare() + effect.updateShare())
                                                .isPositive());
            }
        }
    }

    private static int version(Path memory, String id) throws IOException {
        Path manifest = memory.resolve("generation-000001/manifest.json");
        JsonObject states =
                JsonParser.parseString(Files.readString(manifest))
                        .getAsJsonObject()
                        .getAsJsonObject("states");
        JsonElement state = states.get(id);
        return state == null ? 1 : state.getAsJsonObject().get("version").getAsInt();
    }

    /** Returns where the memories of a strategy are kept: with its module's test resources. */
    private static Path folder(String id) {
        StrategyProvider strategy =
                STRATEGIES.stream().filter(one -> one.id().equals(id)).findFirst().orElseThrow();
        try {
            Path classes =
                    Path.of(
                            strategy.getClass()
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI());
            return classes.resolve("../../src/test/resources/memory").normalize().resolve(id);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }
}
