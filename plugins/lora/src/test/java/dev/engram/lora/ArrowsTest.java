package dev.engram.lora;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.engram.tck.support.PluginArrows;

@AnalyzeClasses(packages = "dev.engram.lora", importOptions = DoNotIncludeTests.class)
class ArrowsTest {

    /**
     * Of the runtime, {@code TaskRegistry} alone: PEFT's files are written from, and loaded into,
     * the tasks that a user serves.
     */
    @ArchTest
    static final ArchRule THE_PLUGIN_SEES_API_AND_KIT_ALONE =
            PluginArrows.seesApiAndKit(
                    "dev.engram.lora",
                    resideInAPackage("com.google.gson..")
                            .or(name("dev.engram.djl.tasks.TaskRegistry")));

    @ArchTest
    static final ArchRule PACKAGES_FORM_NO_CIRCLE =
            PluginArrows.packagesFormNoCircle("dev.engram.lora");
}
