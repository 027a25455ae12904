package dev.engram.kit.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.engram.api.Experimental;
import dev.engram.api.Stable;

@AnalyzeClasses(packages = "dev.engram", importOptions = DoNotIncludeTests.class)
class ArrowsTest {

    /** Neither Guice nor guava, no engine, no runtime: what strategies are built of stays light. */
    @ArchTest
    static final ArchRule THE_KIT_SEES_THE_API_AND_DJL_ALONE =
            classes()
                    .that()
                    .resideInAPackage("dev.engram.kit..")
                    .should()
                    .onlyDependOnClassesThat()
                    .resideInAnyPackage(
                            "java..",
                            "javax.crypto..",
                            "ai.djl..",
                            "dev.engram.api..",
                            "dev.engram.kit..",
                            "com.google.gson..",
                            "org.slf4j..",
                            "org.jspecify..");

    @ArchTest
    static final ArchRule THE_KIT_COMPILES_AGAINST_NO_ENGINE =
            noClasses().should().dependOnClassesThat().resideInAPackage("ai.djl.pytorch..");

    @ArchTest
    static final ArchRule THE_API_DOES_NOT_KNOW_THE_KIT =
            noClasses()
                    .that()
                    .resideInAPackage("dev.engram.api..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("dev.engram.kit..");

    @ArchTest
    static final ArchRule THE_PACKAGES_OF_THE_KIT_HAVE_NO_CYCLES =
            slices().matching("dev.engram.kit.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule EVERY_PUBLIC_TYPE_SAYS_HOW_STABLE_IT_IS =
            classes()
                    .that()
                    .arePublic()
                    .and()
                    .areTopLevelClasses()
                    .and()
                    .resideOutsideOfPackage("..internal..")
                    .and()
                    .areNotAnnotations()
                    .and()
                    .doNotHaveSimpleName("package-info")
                    .should()
                    .beAnnotatedWith(Stable.class)
                    .orShould()
                    .beAnnotatedWith(Experimental.class);
}
