package dev.engram.sleep;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.engram.sleep", importOptions = DoNotIncludeTests.class)
class ArrowsTest {

    @ArchTest
    static final ArchRule THE_PLUGIN_SEES_API_AND_KIT_ALONE =
            classes()
                    .should()
                    .onlyDependOnClassesThat(
                            resideInAnyPackage(
                                            "dev.engram.sleep..",
                                            "dev.engram.api..",
                                            "dev.engram.kit..",
                                            "java..",
                                            "org.apache.commons.statistics..",
                                            "ai.djl..",
                                            "org.slf4j..",
                                            "org.jspecify..")
                                    .and(
                                            not(
                                                    resideInAnyPackage(
                                                            "dev.engram.kit.internal..",
                                                            "ai.djl.pytorch.."))));
}
