package dev.engram.djl.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ErasureAuditTest {

    @TempDir private Path root;

    @Test
    void aMemoryGivesASubjectTheSamePseudonymAgainAndAnotherMemoryAnother() {
        String first = ErasureAudit.in(root.resolve("a")).pseudonym("Ada");
        assertThat(ErasureAudit.in(root.resolve("a")).pseudonym("Ada")).isEqualTo(first);
        assertThat(ErasureAudit.in(root.resolve("b")).pseudonym("Ada")).isNotEqualTo(first);
        assertThat(ErasureAudit.in(root.resolve("a")).pseudonym("Eve")).isNotEqualTo(first);
    }

    @Test
    void nobodyWithoutTheKeyFindsANameByTryingNames() {
        String plain = Hashing.sha256().hashString("Ada", StandardCharsets.UTF_8).toString();
        assertThat(ErasureAudit.in(root).pseudonym("Ada"))
                .matches("hmac-sha256:[0-9a-f]{64}")
                .doesNotContain(plain);
        assertThat(ErasureAudit.ofThisProcess().pseudonym("Ada"))
                .isEqualTo(ErasureAudit.ofThisProcess().pseudonym("Ada"))
                .doesNotContain(plain);
    }

    @Test
    void theKeyIsItsOwnersAlone() throws IOException {
        ErasureAudit.in(root).pseudonym("Ada");
        if (root.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            assertThat(
                            PosixFilePermissions.toString(
                                    Files.getPosixFilePermissions(root.resolve("audit.key"))))
                    .isEqualTo("rw-------");
        }
    }

    @Test
    void aDamagedKeyIsNotReplacedInSilence() throws IOException {
        Files.writeString(root.resolve("audit.key"), "short");
        assertThatThrownBy(() -> ErasureAudit.in(root).pseudonym("Ada"))
                .hasMessageContaining("audit.key is damaged");
    }
}
