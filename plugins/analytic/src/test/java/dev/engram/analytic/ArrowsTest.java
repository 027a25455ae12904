package dev.engram.analytic;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.engram.tck.support.PluginArrows;

@AnalyzeClasses(packages = "dev.engram.analytic", importOptions = DoNotIncludeTests.class)
class ArrowsTest {

    @ArchTest
    static final ArchRule THE_PLUGIN_SEES_API_AND_KIT_ALONE =
            PluginArrows.seesApiAndKitAlone("dev.engram.analytic");

    @ArchTest
    static final ArchRule PACKAGES_FORM_NO_CIRCLE =
            PluginArrows.packagesFormNoCircle("dev.engram.analytic");

    @ArchTest
    static final ArchRule WHAT_IS_INTERNAL_DOES_NOT_KNOW_WHO_USES_IT =
            noClasses()
                    .that()
                    .resideInAPackage("dev.engram.analytic.internal..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("dev.engram.analytic");
}
