package dev.engram.generativereplay;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.engram.generativereplay.text.SelfRehearsal;
import dev.engram.generativereplay.vae.VaeReplay;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is called at each batch waits for no device. */
class NoHostReadsTest {

    private static final Set<String> PER_BATCH = Set.of("observe", "draw", "available");

    @ParameterizedTest
    @ValueSource(classes = {MixtureReplay.class, SelfRehearsal.class, VaeReplay.class})
    void aBatchReadsNothingFromTheDevice(Class<?> source) {
        JavaClasses classes =
                new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages(NoHostReadsTest.class.getPackageName());
        Deque<JavaCodeUnit> open = new ArrayDeque<>();
        classes.get(source).getMethods().stream()
                .filter(method -> PER_BATCH.contains(method.getName()))
                .forEach(open::add);
        Set<JavaCodeUnit> seen = new LinkedHashSet<>(open);
        Set<String> reads = new LinkedHashSet<>();
        while (!open.isEmpty()) {
            for (JavaMethodCall call : open.remove().getMethodCallsFromSelf()) {
                if (isRead(call)) {
                    reads.add(call.getDescription());
                }
                call.getTarget().resolveMember().filter(seen::add).ifPresent(open::add);
            }
        }
        assertThat(seen).hasSizeGreaterThan(PER_BATCH.size());
        assertThat(reads).isEmpty();
    }

    private static boolean isRead(JavaMethodCall call) {
        boolean isArray = call.getTargetOwner().isAssignableTo(NDArray.class);
        return isArray && call.getName().matches("to\\w*Array|toByteBuffer|get(Float|Long|Int)");
    }
}
