package dev.engram.onnx;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.engram", importOptions = DoNotIncludeTests.class)
class ArrowsTest {

    @ArchTest
    static final ArchRule NOBODY_BELOW_KNOWS_ONNX =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("dev.engram.onnx..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("dev.engram.onnx..", "ai.onnxruntime..", "ai.onnx..");

    @ArchTest
    static final ArchRule ONNX_SEES_WHAT_USERS_AND_STRATEGIES_SEE =
            noClasses()
                    .that()
                    .resideInAPackage("dev.engram.onnx..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "dev.engram.djl.internal..",
                            "dev.engram.djl.wiring..",
                            "dev.engram.kit.internal..",
                            "com.google.inject..",
                            "ai.djl.pytorch..");

    @ArchTest
    static final ArchRule ONNX_KNOWS_NO_PLUGIN =
            noClasses()
                    .that()
                    .resideInAPackage("dev.engram.onnx..")
                    .should()
                    .dependOnClassesThat(
                            resideInAPackage("dev.engram..")
                                    .and(
                                            not(
                                                    resideInAnyPackage(
                                                            "dev.engram.api..",
                                                            "dev.engram.kit..",
                                                            "dev.engram.djl..",
                                                            "dev.engram.onnx.."))));

    @ArchTest
    static final ArchRule ROOMS_STAND_ABOVE_EACH_OTHER =
            slices().matching("dev.engram.onnx.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule PACKAGES_STAND_ABOVE_EACH_OTHER =
            slices().matching("dev.engram.onnx.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule WHAT_IS_INSIDE_KNOWS_NOTHING_THAT_USERS_CALL =
            noClasses()
                    .that()
                    .resideInAPackage("dev.engram.onnx.internal..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "dev.engram.onnx",
                            "dev.engram.onnx.adapter..",
                            "dev.engram.onnx.runtime..",
                            "dev.engram.onnx.retention..");

    @ArchTest
    static final ArchRule WHO_RUNS_OPERATORS_KNOWS_NONE_OF_THEM =
            noClasses()
                    .that()
                    .resideInAPackage("dev.engram.onnx.internal.program..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("dev.engram.onnx.internal.operator..");
}
