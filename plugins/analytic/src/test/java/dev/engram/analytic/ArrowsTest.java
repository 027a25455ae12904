package dev.engram.analytic;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.engram.analytic", importOptions = DoNotIncludeTests.class)
class ArrowsTest {

    @ArchTest
    static final ArchRule THE_PLUGIN_SEES_API_AND_KIT_ALONE =
            classes()
                    .should()
                    .onlyDependOnClassesThat(
                            resideInAnyPackage(
                                            "dev.engram.analytic..",
                                            "dev.engram.api..",
                                            "dev.engram.kit..",
                                            "java..",
                                            "ai.djl..",
                                            "org.slf4j..",
                                            "org.jspecify..")
                                    .and(
                                            not(
                                                    resideInAnyPackage(
                                                            "dev.engram.kit.internal..",
                                                            "ai.djl.pytorch.."))));

    @ArchTest
    static final ArchRule ITS_PACKAGES_HAVE_NO_CYCLES =
            slices().matching("dev.engram.analytic.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule WHAT_IS_INTERNAL_DOES_NOT_KNOW_WHO_USES_IT =
            noClasses()
                    .that()
                    .resideInAPackage("dev.engram.analytic.internal..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("dev.engram.analytic");
}
