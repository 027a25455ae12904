package dev.engram.djl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.Batch;
import ai.djl.training.dataset.Dataset;
import ai.djl.util.Progress;
import com.google.inject.Module;
import dev.engram.api.EngramException;
import dev.engram.api.metrics.AccuracyMatrix;
import dev.engram.djl.internal.memory.MemoryDirectory;
import dev.engram.djl.privacy.ErasureAudit;
import dev.engram.djl.report.ReportedRun;
import dev.engram.djl.report.RetentionReport;
import dev.engram.djl.tasks.TaskRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a caller gives wrongly is an error of Engram's that says what was seen and what to give. */
class MisuseTest {

    @TempDir private Path folder;
    private Model model;
    private ForgettingListener listener;

    @BeforeEach
    void open() {
        model = Points.model(1);
        listener = builder().build();
    }

    @AfterEach
    void close() {
        listener.close();
        model.close();
    }

    static Stream<Arguments> onListener() {
        return Stream.of(
                on("A task needs a name, but it is null", l -> l.nextTask(null)),
                on("A task needs a name, but it is blank", l -> l.nextTask("")),
                on("A task needs a name, but it is blank", l -> l.nextTask(" \t")),
                on("half of a surrogate pair", l -> l.nextTask("a\ud800")),
                on("endTask() belongs after its last batch", ForgettingListener::endTask),
                on("remember(...): the model is null", l -> l.remember(null)),
                on("remember(...): the model is null", l -> l.remember(null, new Unreadable())),
                on("erase(null): give a value", l -> l.erase(null)),
                on("give a name", l -> l.erase("")),
                on("tasks(...): the model is null", l -> l.tasks(null)),
                on("No guard \"null\" here", l -> l.effect(null)),
                on("No guard \"ewc\" here; there are [recorder]", l -> l.effect("ewc")),
                on("useStatistics(...): the model is null", l -> l.useStatistics(null, "a")),
                on("the list of tasks is null", l -> l.continueWithout((String[]) null)),
                on("a task is null; give its name", l -> l.continueWithout((String) null)),
                on("continueWith(...): the model is null", l -> l.continueWith(null)));
    }

    @ParameterizedTest
    @MethodSource("onListener")
    void theListenerSaysWhatItWasGiven(String said, Consumer<ForgettingListener> call) {
        assertThatThrownBy(() -> call.accept(listener))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining(said);
    }

    @Test
    void aModelWithoutABlockOrDataIsSaid() {
        try (Model bare = Model.newInstance("bare", "PyTorch")) {
            assertRefused(() -> listener.remember(bare), "model \"bare\" has no block");
            assertRefused(() -> listener.tasks(bare), "model \"bare\" has no block");
            assertRefused(() -> listener.continueWith(bare), "model \"bare\" has no block");
        }
        assertRefused(() -> listener.remember(model), "has parameters without values");
        Points.fit(model, 0);
        assertRefused(() -> listener.remember(model), "call remember(model, dataset)");
        assertRefused(() -> listener.remember(model, null), "the data set is null");
        Dataset points = Points.dataset(model.getNDManager(), 0);
        assertRefused(() -> listener.remember(model, points, null), "the loss is null");
        assertRefused(() -> listener.remember(model, new Unreadable()), "no such table");
    }

    @Test
    void subjectsThatAreNullAreSaidAtTheFirstBatch() {
        try (ForgettingListener nobody = builder().optSubjects(batch -> null).build()) {
            assertRefused(() -> Points.fit(model, 0, nobody), "optSubjects(...): the list that it");
        }
        Points.fit(model, 0);
        assertRefused(() -> listener.useStatistics(model, null), "the task is null; give");
    }

    @Test
    void aClosedListenerSaysSoAtEachCall() {
        listener.close();
        assertRefused(() -> listener.nextTask("next"), "listener is closed");
        assertRefused(() -> listener.erase("Ada"), "listener is closed");
        assertRefused(() -> listener.continueWith(model), "listener is closed");
        assertRefused(() -> listener.tasks(model), "listener is closed");
        assertRefused(() -> listener.remember(model), "listener is closed");
        assertRefused(() -> Points.fit(model, 0, listener), "listener is closed");
    }

    static Stream<Arguments> onBuilder() {
        Map<String, String> valueless = new HashMap<>();
        valueless.put("lambda", null);
        Map<String, String> keyless = new HashMap<>();
        keyless.put(null, "1");
        return Stream.of(
                by("addStrategy(null)", b -> b.addStrategy(null)),
                by("the map of settings is null", b -> b.addStrategy("ewc", null)),
                by("setting lambda is null", b -> b.addStrategy("ewc", valueless)),
                by("a setting's key is null", b -> b.addStrategy("ewc", keyless)),
                by("addGuard(null)", b -> b.addGuard(null)),
                by("addIsolation(null)", b -> b.addIsolation(null)),
                by("optMemory(null)", b -> b.optMemory(null)),
                by("optSubjects(null)", b -> b.optSubjects(null)),
                by("optBase(null)", b -> b.optBase(null)),
                by("optClassLoader(null)", b -> b.optClassLoader(null)),
                by("addModule(null)", b -> b.addModule(null)),
                by("No strategy \"\"", b -> b.addStrategy("").build()),
                by("optSampleCapacity(0): keep at least 1", b -> b.optSampleCapacity(0).build()),
                by("optAccumulation(-1)", b -> b.optAccumulation(-1).build()),
                by("addModule(...): the modules do not fit", b -> b.addModule(broken()).build()));
    }

    @ParameterizedTest
    @MethodSource("onBuilder")
    void theBuilderSaysWhatItWasGiven(String said, Consumer<ForgettingListener.Builder> call) {
        assertThatThrownBy(() -> call.accept(builder()))
                .isInstanceOf(EngramException.class)
                .hasMessageContaining(said);
    }

    @Test
    void aDirectoryThatCannotBeWrittenOrReadIsSaidWithTheReason() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        Path below = file.resolve("memory");
        try (ForgettingListener nowhere = builder().optMemory(below).build()) {
            assertRefused(() -> Points.fit(model, 0, nowhere), "Cannot write the memory to");
            assertRefused(() -> nowhere.remember(model), "Give optMemory a directory");
        }
        assertRefused(() -> new MemoryDirectory(below).hold(0), "Cannot write the memory to");
        assertRefused(() -> new MemoryDirectory(null), "new MemoryDirectory(null)");
        assertRefused(() -> new MemoryDirectory(folder).read(7), "No generation 7 in");
        assertRefused(() -> ErasureAudit.in(below).pseudonym("Ada"), "key of the audit");
    }

    @Test
    void aReportOfNothingSaysWhatIsMissing() {
        AccuracyMatrix matrix = new AccuracyMatrix(List.of("a"));
        ReportedRun empty = ReportedRun.of("none", matrix, 0);
        Map<String, String> factless = new HashMap<>();
        factless.put("seed", null);
        assertRefused(() -> report(null, Map.of(), List.of(empty)), "the title is null");
        assertRefused(() -> report("t", null, List.of(empty)), "the map of facts is null");
        assertRefused(() -> report("t", factless, List.of(empty)), "the fact seed is null");
        assertRefused(() -> report("t", Map.of(), null), "the list of runs is null");
        assertRefused(() -> report("t", Map.of(), Arrays.asList((ReportedRun) null)), "a run is");
        assertRefused(() -> report("t", Map.of(), List.of()), "there is no run");
        assertRefused(() -> report("t", Map.of(), List.of(empty)), "\"none\" has learnt no task");
        assertRefused(() -> ReportedRun.of(null, matrix, 0), "the name is null");
        assertRefused(() -> ReportedRun.of("none", null, 0), "the matrix is null");
        matrix.addRow(1);
        RetentionReport report = new RetentionReport("t", Map.of(), List.of(empty));
        assertThatThrownBy(() -> report.write(null)).hasMessageContaining("write(null)");
    }

    static Stream<Arguments> onRegistry() {
        Map<String, Double> weightless = new HashMap<>();
        weightless.put("task-1", null);
        return Stream.of(
                in("No task \"null\" is loaded", r -> r.handle(null)),
                in("No task \"x\" is loaded; there are [task-1]", r -> r.handle("x")),
                in("No task \"null\" is loaded", r -> r.activate(null)),
                in("No task \"null\" is loaded", r -> r.unload(null)),
                in("A task needs a name, but it is null", r -> r.load(null, Map.of())),
                in("A task needs a name, but it is blank", r -> r.load(" ", Map.of())),
                in("the map of tensors is null", r -> r.load("a", null)),
                in("shift of shape (2) is missing", r -> r.load("a", Map.of())),
                in("the maker is null", r -> r.add("a", null)),
                in("the reader is null", r -> r.read("task-1", null)),
                in("the map of weights is null", r -> r.combine("a", null)),
                in("there is no weight", r -> r.combine("a", Map.of())),
                in("\"task-1\" is null: give", r -> r.combine("a", weightless)),
                in("\"task-1\" is NaN", r -> r.combine("a", Map.of("task-1", Double.NaN))),
                in("No task \"x\" is loaded", r -> r.combine("a", Map.of("x", 1.0))),
                in("there are no inputs", r -> r.handle("task-1").predict(null)),
                in("there are no inputs", r -> r.base().predict(new NDList())),
                in("newPredictor(null)", r -> r.base().newPredictor(null)),
                in("the list of inputs is null", r -> r.merge("task-1", null, 0)));
    }

    @ParameterizedTest
    @MethodSource("onRegistry")
    void theRegistrySaysWhatItWasGiven(String said, Consumer<TaskRegistry> call) {
        ForgettingListener isolating =
                ForgettingListener.builder().addIsolation(new FakeIsolation()).build();
        Points.fit(model, 0, isolating);
        TaskRegistry tasks = isolating.tasks(model);
        assertRefused(() -> call.accept(tasks), said);
        assertThat(tasks.tasks()).containsExactly("task-1");
        assertRefused(() -> isolating.continueWith(model), "over their own base alone");
        isolating.close();
        assertRefused(() -> tasks.load("a", Map.of()), "This registry is closed");
        assertRefused(tasks::install, "This registry is closed");
    }

    private static Arguments in(String said, Consumer<TaskRegistry> call) {
        return Arguments.of(said, call);
    }

    private static void report(String title, Map<String, String> facts, List<ReportedRun> runs) {
        new RetentionReport(title, facts, runs).json();
    }

    private static void assertRefused(Runnable call, String said) {
        assertThatThrownBy(call::run)
                .isInstanceOf(EngramException.class)
                .hasMessageContaining(said);
    }

    private static Arguments on(String said, Consumer<ForgettingListener> call) {
        return Arguments.of(said, call);
    }

    private static Arguments by(String said, Consumer<ForgettingListener.Builder> call) {
        return Arguments.of(said, call);
    }

    private static ForgettingListener.Builder builder() {
        return ForgettingListener.builder().addGuard(new Recorder());
    }

    private static Module broken() {
        return binder -> binder.addError("no data source");
    }

    private static final class Unreadable implements Dataset {

        @Override
        public Iterable<Batch> getData(NDManager manager) throws IOException {
            throw new IOException("no such table");
        }

        @Override
        public void prepare(Progress progress) {}
    }
}
