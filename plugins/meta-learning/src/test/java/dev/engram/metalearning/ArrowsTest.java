package dev.engram.metalearning;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.engram.tck.support.PluginArrows;

@AnalyzeClasses(packages = "dev.engram.metalearning", importOptions = DoNotIncludeTests.class)
class ArrowsTest {

    @ArchTest
    static final ArchRule THE_PLUGIN_SEES_API_AND_KIT_ALONE =
            PluginArrows.seesApiAndKitAlone("dev.engram.metalearning");

    @ArchTest
    static final ArchRule PACKAGES_FORM_NO_CIRCLE =
            PluginArrows.packagesFormNoCircle("dev.engram.metalearning");
}
