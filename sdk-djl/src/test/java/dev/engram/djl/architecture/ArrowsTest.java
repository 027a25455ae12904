package dev.engram.djl.architecture;

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

    @ArchTest
    static final ArchRule THE_API_KNOWS_NEITHER_RUNTIME_NOR_GUICE_NOR_ENGINE =
            noClasses()
                    .that()
                    .resideInAPackage("dev.engram.api..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "dev.engram.kit..",
                            "dev.engram.djl..",
                            "com.google..",
                            "ai.djl.pytorch..",
                            "jakarta..");

    @ArchTest
    static final ArchRule THE_KIT_DOES_NOT_KNOW_THE_RUNTIME =
            noClasses()
                    .that()
                    .resideInAnyPackage("dev.engram.api..", "dev.engram.kit..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("dev.engram.djl..");

    @ArchTest
    static final ArchRule WHAT_IS_INTERNAL_TO_THE_KIT_STAYS_THERE =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("dev.engram.kit..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("dev.engram.kit.internal..");

    @ArchTest
    static final ArchRule THE_RUNTIME_COMPILES_AGAINST_NO_ENGINE =
            noClasses().should().dependOnClassesThat().resideInAPackage("ai.djl.pytorch..");

    @ArchTest
    static final ArchRule GUICE_STAYS_WHERE_THINGS_ARE_WIRED =
            noClasses()
                    .that()
                    .resideOutsideOfPackages(
                            "dev.engram.djl.wiring..", "dev.engram.djl.internal.wiring..")
                    .and()
                    .doNotHaveFullyQualifiedName("dev.engram.djl.ForgettingListener$Builder")
                    .and()
                    .doNotHaveSimpleName("ListenerAssembly")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("com.google.inject..");

    @ArchTest
    static final ArchRule THE_PACKAGES_OF_THE_RUNTIME_HAVE_NO_CYCLES =
            slices().matching("dev.engram.djl.(**)").should().beFreeOfCycles();

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
