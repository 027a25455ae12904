package dev.engram.release;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.api.spi.StrategyProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the archetype asks for and shows; that what it generates builds and runs is shown by the
 * invoker, see src/it/archetype.
 */
class ArchetypeTest {

    private static final Path MADE = Modules.root().resolve("archetype/target/classes");
    private static final Path SHOWN = MADE.resolve("archetype-resources");

    @ParameterizedTest
    @ValueSource(strings = {"strategyId", "className", "package", "kind"})
    void aRuleIsTheSameWhereMavenAsksAndWhereItDoesNot(String property) throws IOException {
        assertThat(MADE.resolve("META-INF/archetype-post-generate.groovy"))
                .content()
                .contains("name: '" + property + "', rule: '" + rule(property) + "'");
    }

    @ParameterizedTest
    @CsvSource({
        "strategyId, acme-anchor",
        "strategyId, acme-anchor-2",
        "className, AcmeAnchor",
        "className, L2",
        "package, com.acme.forgetting",
        "package, com.acme_corp.newest",
        "package, forgetting",
        "kind, guard",
        "kind, importance"
    })
    void whatCanBeUsedIsLetIn(String property, String value) throws IOException {
        assertThat(value).matches(rule(property));
    }

    @ParameterizedTest
    @CsvSource({
        "strategyId, anchor",
        "strategyId, Acme-Anchor",
        "strategyId, acme_anchor",
        "strategyId, acme-",
        "strategyId, acme--anchor",
        "strategyId, acme-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "className, acmeAnchor",
        "className, Acme-Anchor",
        "className, 2Anchors",
        "package, com.acme-corp",
        "package, com.acme.new",
        "package, int.acme",
        "package, com..acme",
        "package, com.2acme",
        "package, dev.engram",
        "package, dev.engram.anchor",
        "kind, source"
    })
    void whatCannotBeNamedSoIsRefused(String property, String value) throws IOException {
        assertThat(value).doesNotMatch(rule(property));
    }

    /** Two strategies of one id are refused as soon as either is asked for. */
    @Test
    void anIdOfEngramsOwnIsRefused() throws IOException {
        String rule = rule("strategyId");
        List<String> own =
                ServiceLoader.load(StrategyProvider.class).stream()
                        .map(provider -> provider.get().id())
                        .toList();
        assertThat(own).contains("ewc-online").noneMatch(id -> id.matches(rule));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Guard", "Importance", "Provider"})
    void aContractTestHasFewerThanFortyLines(String tested) throws IOException {
        Path test = SHOWN.resolve("src/test/java/__className__" + tested + "ContractTest.java");
        assertThat(Files.readAllLines(test)).hasSizeLessThan(40);
    }

    @ParameterizedTest
    @ValueSource(strings = {"strength", "decay", "lambda"})
    void theReadmeHasTheSettingAsItIsDeclared(String setting) throws IOException {
        String provider =
                Files.readString(SHOWN.resolve("src/main/java/__className__Provider.java"));
        Matcher declared =
                Pattern.compile("\"(%s)\",\\s*([^,]+),\\s*([^,]+),\\s*([^,]+),".formatted(setting))
                        .matcher(provider);
        assertThat(declared.find()).isTrue();
        assertThat(SHOWN.resolve("README.md"))
                .content()
                .contains("| `%s` | %s |".formatted(declared.group(1), declared.group(2)))
                .contains("%s to %s".formatted(declared.group(3), declared.group(4)));
    }

    @Test
    void whatOneKindAloneHasIsDeletedForTheOther() throws IOException {
        Path sources = SHOWN.resolve("src");
        assertThat(MADE.resolve("META-INF/archetype-post-generate.groovy"))
                .content()
                .contains("\"main/java/*Importance.java\"", "\"main/java/*Guard.java\"")
                .contains("\"test/java/*ImportanceContractTest.java\"");
        assertThat(sources.resolve("main/java/__className__Importance.java")).exists();
        assertThat(sources.resolve("main/java/__className__Guard.java")).exists();
        assertThat(sources.resolve("test/java/__className__ImportanceContractTest.java")).exists();
    }

    private static String rule(String property) throws IOException {
        String descriptor = Files.readString(MADE.resolve("META-INF/maven/archetype-metadata.xml"));
        Pattern rule =
                Pattern.compile("(?s)key=\"%s\">.*?<validationRegex>(.*?)</".formatted(property));
        return rule.matcher(descriptor).results().findFirst().orElseThrow().group(1);
    }
}
