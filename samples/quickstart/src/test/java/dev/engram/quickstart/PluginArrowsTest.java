package dev.engram.quickstart;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.CanBeAnnotated.Predicates.annotatedWith;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.engram.api.Experimental;
import dev.engram.api.Stable;

/** The arrows between the plug-ins, which only a program with all of them can see. */
@AnalyzeClasses(packages = "dev.engram", importOptions = DoNotIncludeTests.class)
class PluginArrowsTest {

    private static final String[] PLUGINS = {
        "dev.engram.analytic..",
        "dev.engram.averaging..",
        "dev.engram.distillation..",
        "dev.engram.gradientprojection..",
        "dev.engram.metalearning..",
        "dev.engram.ewc..",
        "dev.engram.synapticintelligence..",
        "dev.engram.mas..",
        "dev.engram.replay..",
        "dev.engram.generativereplay..",
        "dev.engram.lora..",
        "dev.engram.adapters..",
        "dev.engram.prompttuning.."
    };

    @ArchTest
    static final ArchRule PLUGINS_SEE_NEITHER_EACH_OTHER_NOR_THE_SAMPLES =
            slices().matching(
                            "dev.engram.(analytic|averaging|distillation|gradientprojection|metalearning|ewc|synapticintelligence|mas|replay|generativereplay|lora|adapters|prompttuning|quickstart|scenarios)..")
                    .should()
                    .notDependOnEachOther()
                    .ignoreDependency(
                            resideInAPackage("dev.engram.quickstart.."),
                            resideInAPackage("dev.engram.scenarios.."));

    @ArchTest
    static final ArchRule PLUGINS_SEE_NO_GUICE_NO_ENGINE_AND_NOTHING_INTERNAL =
            noClasses()
                    .that()
                    .resideInAnyPackage(PLUGINS)
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "com.google.inject..",
                            "ai.djl.pytorch..",
                            "dev.engram.djl.internal..",
                            "dev.engram.kit.internal..",
                            "dev.engram.djl.wiring..");

    @ArchTest
    static final ArchRule PLUGINS_ARE_BUILT_OF_WHAT_IS_STABLE =
            noClasses()
                    .that()
                    .resideInAnyPackage(PLUGINS)
                    .should()
                    .dependOnClassesThat(
                            resideInAnyPackage(
                                            "dev.engram.api..",
                                            "dev.engram.kit..",
                                            "dev.engram.djl..")
                                    .and(annotatedWith(Experimental.class)));

    @ArchTest
    static final ArchRule THE_RUNTIME_KNOWS_NO_PLUGIN =
            noClasses()
                    .that()
                    .resideInAnyPackage("dev.engram.djl..", "dev.engram.kit..", "dev.engram.api..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(PLUGINS);

    @ArchTest
    static final ArchRule EVERY_PUBLIC_TYPE_OF_A_PLUGIN_SAYS_HOW_STABLE_IT_IS =
            classes()
                    .that()
                    .resideInAnyPackage(PLUGINS)
                    .and()
                    .arePublic()
                    .and()
                    .areTopLevelClasses()
                    .and()
                    .resideOutsideOfPackage("..internal..")
                    .and()
                    .doNotHaveSimpleName("package-info")
                    .should()
                    .beAnnotatedWith(Stable.class)
                    .orShould()
                    .beAnnotatedWith(Experimental.class);
}
