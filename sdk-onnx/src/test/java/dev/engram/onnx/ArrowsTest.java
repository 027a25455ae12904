package dev.engram.onnx;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

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
}
