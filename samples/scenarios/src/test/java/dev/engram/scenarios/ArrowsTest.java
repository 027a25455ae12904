package dev.engram.scenarios;

import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.engram.scenarios", importOptions = DoNotIncludeTests.class)
class ArrowsTest {

    @ArchTest
    static final ArchRule PACKAGES_STAND_ABOVE_EACH_OTHER =
            slices().matching("dev.engram.(**)").should().beFreeOfCycles();
}
