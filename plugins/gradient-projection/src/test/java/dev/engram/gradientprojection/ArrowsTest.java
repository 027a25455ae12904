package dev.engram.gradientprojection;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.engram.tck.support.PluginArrows;

@AnalyzeClasses(packages = "dev.engram.gradientprojection", importOptions = DoNotIncludeTests.class)
class ArrowsTest {

    @ArchTest
    static final ArchRule THE_PLUGIN_SEES_API_AND_KIT_ALONE =
            PluginArrows.seesApiAndKit(
                    "dev.engram.gradientprojection", resideInAPackage("org.ejml.."));

    @ArchTest
    static final ArchRule PACKAGES_FORM_NO_CIRCLE =
            PluginArrows.packagesFormNoCircle("dev.engram.gradientprojection");
}
