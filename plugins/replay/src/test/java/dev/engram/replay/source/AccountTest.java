package dev.engram.replay.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.engram.replay.internal.ledger.Edition;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AccountTest {

    @Test
    void whatIsWrittenIsRead() {
        Account account =
                new Account(Edition.first().next(), "/a path/of \u00fc", Map.of("a task\n1", 12L));
        assertThat(Account.parse(account.toString())).isEqualTo(account);
    }

    /** Such a one is written again while its store is missing. */
    @Test
    void whatAnEarlierVersionWroteIsKeptToo() {
        Account account = Account.ofTasks("a\nb b");
        assertThat(account.samples()).isEqualTo(Map.of("a", 1L, "b b", 1L));
        assertThat(Account.parse(account.toString())).isEqualTo(account);
    }
}
