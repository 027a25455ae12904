package dev.engram.release;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ApiTest {

    static List<Path> published() {
        return Modules.published();
    }

    @ParameterizedTest
    @MethodSource("published")
    void thePublicTypesOfAModuleAreThoseInTheRepository(Path module) throws IOException {
        List<String> types =
                PublicTypes.in(module.resolve("target/classes")).stream()
                        .flatMap(type -> Signatures.of(type).stream())
                        .toList();
        assertThat(types)
                .isNotEmpty()
                .noneSatisfy(line -> assertThat(line).startsWith(Signatures.UNMARKED));
        String file = Modules.artifact(module) + ".txt";
        Committed.requireSame(Modules.root().resolve("release/api").resolve(file), types);
    }
}
