package dev.engram.api;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.engram", importOptions = DoNotIncludeTests.class)
class ArrowsTest {

    @ArchTest
    static final ArchRule THE_API_SEES_DJL_AND_A_LOGGER_ALONE =
            classes()
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "dev.engram.api..",
                            "java..",
                            "ai.djl..",
                            "org.slf4j..",
                            "org.jspecify..");

    @ArchTest
    static final ArchRule THE_API_COMPILES_AGAINST_NO_ENGINE =
            noClasses().should().dependOnClassesThat().resideInAPackage("ai.djl.pytorch..");
}
