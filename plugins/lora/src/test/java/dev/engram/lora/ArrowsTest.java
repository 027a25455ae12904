package dev.engram.lora;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.engram.lora", importOptions = DoNotIncludeTests.class)
class ArrowsTest {

    /**
     * Of the runtime, {@code TaskRegistry} alone: PEFT's files are written from, and loaded into,
     * the tasks that a user serves.
     */
    @ArchTest
    static final ArchRule THE_PLUGIN_SEES_API_AND_KIT_ALONE =
            classes()
                    .should()
                    .onlyDependOnClassesThat(
                            resideInAnyPackage(
                                            "dev.engram.lora..",
                                            "dev.engram.api..",
                                            "dev.engram.kit..",
                                            "java..",
                                            "com.google.gson..",
                                            "ai.djl..",
                                            "org.slf4j..",
                                            "org.jspecify..")
                                    .and(
                                            not(
                                                    resideInAnyPackage(
                                                            "dev.engram.kit.internal..",
                                                            "ai.djl.pytorch..")))
                                    .or(name("dev.engram.djl.tasks.TaskRegistry")));

    @ArchTest
    static final ArchRule PACKAGES_FORM_NO_CIRCLE =
            slices().matching("dev.engram.(**)").should().beFreeOfCycles();
}
