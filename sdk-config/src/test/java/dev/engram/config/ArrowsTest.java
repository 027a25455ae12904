package dev.engram.config;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.engram", importOptions = DoNotIncludeTests.class)
class ArrowsTest {

    @ArchTest
    static final ArchRule ONLY_THIS_MODULE_KNOWS_THE_FORMAT_OF_THE_FILE =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("dev.engram.config..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("com.typesafe..");

    @ArchTest
    static final ArchRule THE_FILE_USES_WHAT_USERS_USE =
            noClasses()
                    .that()
                    .resideInAPackage("dev.engram.config..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "..internal..",
                            "dev.engram.ewc..",
                            "dev.engram.replay..",
                            "com.google..");
}
