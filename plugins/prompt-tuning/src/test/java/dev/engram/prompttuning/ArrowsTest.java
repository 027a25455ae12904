package dev.engram.prompttuning;

import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.engram.tck.support.PluginArrows;

@AnalyzeClasses(packages = "dev.engram.prompttuning", importOptions = DoNotIncludeTests.class)
class ArrowsTest {

    /** Of the runtime, the tasks that a user serves alone: the chooser runs their base. */
    @ArchTest
    static final ArchRule THE_PLUGIN_SEES_API_AND_KIT_ALONE =
            PluginArrows.seesApiAndKit(
                    "dev.engram.prompttuning",
                    nameMatching("dev\\.engram\\.djl\\.tasks\\.Task(Registry|Handle)"));

    @ArchTest
    static final ArchRule PACKAGES_FORM_NO_CIRCLE =
            PluginArrows.packagesFormNoCircle("dev.engram.prompttuning");
}
