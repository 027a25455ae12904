package dev.engram.tck.internal;

import ai.djl.ndarray.NDArray;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Finds reads of an array's values that calls of a batch may reach within their own packages. */
public final class HostReads {

    private static final Set<String> PER_BATCH =
            Set.of("onLoss", "onGradient", "onBackward", "onUpdate", "onStep");
    private static final Set<String> READS =
            Set.of(
                    "toFloatArray",
                    "toDoubleArray",
                    "toIntArray",
                    "toLongArray",
                    "toByteArray",
                    "toBooleanArray",
                    "toArray",
                    "toByteBuffer",
                    "toDebugString",
                    "getFloat",
                    "getDouble",
                    "getInt",
                    "getLong",
                    "getByte",
                    "getBoolean",
                    "contentEquals",
                    "allClose");

    private HostReads() {}

    /** Returns the reads, each with the line that makes it. */
    public static Set<String> in(List<Class<?>> types) {
        JavaClasses classes =
                new ClassFileImporter()
                        .importPackages(types.stream().map(Class::getPackageName).toList());
        Deque<JavaCodeUnit> open = new ArrayDeque<>();
        for (Class<?> type : types) {
            classes.get(type).getAllMethods().stream()
                    .filter(method -> PER_BATCH.contains(method.getName()))
                    .forEach(open::add);
        }
        return reached(open);
    }

    private static Set<String> reached(Deque<JavaCodeUnit> open) {
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
        return reads;
    }

    private static boolean isRead(JavaMethodCall call) {
        JavaClass owner = call.getTargetOwner();
        return READS.contains(call.getName()) && owner.isAssignableTo(NDArray.class);
    }
}
