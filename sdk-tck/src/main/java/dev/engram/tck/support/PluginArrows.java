package dev.engram.tck.support;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysFalse;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import dev.engram.api.Experimental;

/** What a plug-in may depend on, as ArchUnit's rules. */
@Experimental(since = "0.1", implementedBy = "nobody")
public final class PluginArrows {

    private PluginArrows() {}

    /**
     * Returns the rule that a plug-in sees the API, the kit and DJL alone: neither the runtime nor
     * an engine nor another plug-in.
     *
     * @param root the plug-in's package
     */
    public static ArchRule seesApiAndKitAlone(String root) {
        return seesApiAndKit(root, alwaysFalse());
    }

    /**
     * Returns the rule that a plug-in sees the API, the kit and DJL, and little else.
     *
     * @param root the plug-in's package
     * @param beside what else it may see
     */
    public static ArchRule seesApiAndKit(
            String root, DescribedPredicate<? super JavaClass> beside) {
        return classes()
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage(
                                        root + "..",
                                        "dev.engram.api..",
                                        "dev.engram.kit..",
                                        "java..",
                                        "ai.djl..",
                                        "org.slf4j..",
                                        "org.jspecify..")
                                .and(
                                        not(
                                                resideInAnyPackage(
                                                        "dev.engram.kit.internal..",
                                                        "ai.djl.pytorch..")))
                                .or(beside));
    }

    /**
     * Returns the rule that the packages of a plug-in form no circle, its root among them.
     *
     * @param root the plug-in's package
     */
    public static ArchRule packagesFormNoCircle(String root) {
        String name = root.substring(root.lastIndexOf('.') + 1);
        String parent = root.substring(0, root.length() - name.length());
        return slices().matching(parent + "(**)").should().beFreeOfCycles().allowEmptyShould(true);
    }
}
