package dev.engram.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.engram.api.Experimental;
import dev.engram.api.settings.Setting;
import dev.engram.api.spi.Need;
import dev.engram.api.spi.SpiVersion;
import dev.engram.api.spi.StrategyProvider;
import dev.engram.djl.ForgettingListener;
import java.lang.reflect.Modifier;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What {@link StrategyProvider} promises. */
@Experimental(since = "0.1", implementedBy = "plug-ins")
@ExtendWith(RuleReport.class)
public abstract class ProviderContract {

    private static final String NAME = "[a-z0-9-]{1,64}";

    /** Creates the contract. */
    protected ProviderContract() {}

    /** Returns a new provider, by its constructor. */
    protected abstract StrategyProvider provider();

    /** Returns settings other than the defaults that are acceptable together; empty for none. */
    protected Map<String, ?> otherSettings() {
        return Map.of();
    }

    /** Returns strategies that must stand beside it, such as one that rehearses; none here. */
    protected List<String> companions() {
        return List.of();
    }

    @Test
    @DisplayName("P1 MUST: it is found by ServiceLoader, through a public constructor")
    void itIsFoundByServiceLoader() {
        Class<?> type = provider().getClass();
        assertThat(Modifier.isPublic(type.getModifiers())).as("%s is public", type).isTrue();
        assertThat(type.getConstructors())
                .as("public constructors of %s, of which one must have no parameters", type)
                .anyMatch(constructor -> constructor.getParameterCount() == 0);
        assertThat(ServiceLoader.load(StrategyProvider.class).stream().map(p -> p.type().getName()))
                .as("META-INF/services/%s lists it", StrategyProvider.class.getName())
                .contains(type.getName());
    }

    @Test
    @DisplayName("P2 MUST: its id may be a file's name")
    void itsIdMayBeAFileName() {
        assertThat(provider().id()).as("id()").matches(NAME);
    }

    @Test
    @DisplayName("P3 MUST: it was compiled against the SPI of this contract")
    void itsVersionIsTheOneOfTheSpi() {
        assertThat(provider().spiVersion())
                .as("spiVersion(), which returns SpiVersion.CURRENT")
                .isEqualTo(SpiVersion.CURRENT);
    }

    @Test
    @DisplayName("P4 SHOULD: its description is one sentence")
    void itsDescriptionIsOneSentence() {
        assertThat(provider().description().strip())
                .as("description()")
                .matches("(?s)[^.\\n]{10,200}.*\\.");
        assertThat(provider().description()).doesNotContain("\n");
    }

    @Test
    @DisplayName("P5 MUST: its settings have names, purposes and defaults that they accept")
    void itsSettingsAcceptTheirDefaults() {
        List<Setting<?>> settings = provider().settings();
        assertThat(settings).extracting(Setting::key).doesNotHaveDuplicates();
        for (Setting<?> setting : settings) {
            assertThat(setting.key()).as("the key of a setting").matches(NAME);
            assertThat(setting.purpose())
                    .as("the purpose of %s", setting.key())
                    .isNotBlank()
                    .endsWith(".");
            assertRoundTrip(setting);
        }
    }

    @Test
    @DisplayName("P6 MUST: roles and needs are names; an unknown need is refused by the runtime")
    void itsRolesAndNeedsAreNames() {
        StrategyProvider provider = provider();
        assertThat(provider.roles()).allMatch(role -> role.matches(NAME));
        assertThat(provider.excludedRoles()).allMatch(role -> role.matches(NAME));
        assertThat(Set.of(Need.BLOCK_ACCESS, Need.REHEARSAL)).containsAll(provider.needs());
    }

    @Test
    @DisplayName("P7 MUST: with its defaults it makes a strategy, a new one for each listener")
    void itMakesAStrategyOfItsDefaults() {
        assertThatCode(() -> listener(Map.of()).close()).doesNotThrowAnyException();
        RecordedProvider recorded = new RecordedProvider(provider());
        try (ForgettingListener one = listener(recorded);
                ForgettingListener other = listener(recorded)) {
            assertThat(one).isNotSameAs(other);
            List<Object> created = recorded.created();
            assertThat(created).as("what create(...) made for two listeners").hasSize(2);
            assertThat(created.get(0))
                    .as("what create(...) made for another listener")
                    .isNotSameAs(created.get(1));
        }
    }

    @Test
    @DisplayName("P8 MUST: it makes one of other settings, too; the runtime refuses unknown keys")
    void itMakesOneOfOtherSettings() {
        assertThatCode(() -> listener(otherSettings()).close()).doesNotThrowAnyException();
        assertThatCode(() -> listener(Map.of("no-such-setting", 1)).close())
                .hasMessageContaining("no-such-setting");
    }

    @Test
    @DisplayName("P9 MUST: two calls answer alike, and no answer can be changed")
    void itsAnswersAreStable() {
        StrategyProvider provider = provider();
        assertThat(provider.id()).as("id()").isEqualTo(provider.id()).isEqualTo(provider().id());
        assertThat(keys(provider))
                .as("settings()")
                .isEqualTo(keys(provider()))
                .isEqualTo(keys(provider));
        assertThat(provider.roles()).as("roles()").isEqualTo(provider().roles());
        requireFixed("settings", provider.settings(), Setting.flag("another", true, "None."));
        requireFixed("roles", provider.roles(), "another");
        requireFixed("excludedRoles", provider.excludedRoles(), "another");
        requireFixed("needs", provider.needs(), "another");
    }

    private static <T> void requireFixed(String method, Collection<T> answer, T another) {
        String hint = "%s() can be changed: answer with List.copyOf or Set.copyOf";
        assertThatThrownBy(() -> answer.add(another), hint, method)
                .isInstanceOf(UnsupportedOperationException.class);
        if (!answer.isEmpty()) {
            assertThatThrownBy(answer::clear, hint, method)
                    .isInstanceOf(UnsupportedOperationException.class);
        }
    }

    private ForgettingListener listener(RecordedProvider recorded) {
        var builder = ForgettingListener.builder().addProvider(recorded);
        companions().forEach(builder::addStrategy);
        return builder.addStrategy(RecordedProvider.ID).build();
    }

    private ForgettingListener listener(Map<String, ?> settings) {
        var builder = ForgettingListener.builder().addStrategy(provider().id(), settings);
        companions().forEach(builder::addStrategy);
        return builder.build();
    }

    private static List<String> keys(StrategyProvider provider) {
        return provider.settings().stream().<String>map(Setting::key).toList();
    }

    private static <T> void assertRoundTrip(Setting<T> setting) {
        if (setting.defaultValue() instanceof Optional<?> value && value.isEmpty()) {
            return;
        }
        String text = setting.format(setting.defaultValue());
        assertThat(setting.parse(text))
                .as("the default of %s, written and read", setting.key())
                .isEqualTo(setting.defaultValue());
    }
}
