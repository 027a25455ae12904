package dev.engram.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program that the README's first command starts, which no build compiles otherwise. */
class StartTest {

    private static final FileTime BUILT = FileTime.fromMillis(1_000_000);
    private static final FileTime LATER = FileTime.fromMillis(2_000_000);

    @TempDir private Path root;
    @TempDir private Path classes;

    private Path jar;

    @BeforeEach
    void checkout() throws Exception {
        for (String module : List.of("sdk-api", "sdk-djl", "plugins", "samples/scenarios")) {
            write(module + "/src/main/java/A.java");
            write(module + "/src/test/java/ATest.java");
        }
        write("pom.xml");
        write("samples/quickstart/pom.xml");
        jar = write("samples/quickstart/target/quickstart.jar");
    }

    @Test
    void aJarThatIsNewerThanAllSourcesIsNotBuiltAgain() throws Exception {
        assertThat(isFresh()).isTrue();
        touch("sdk-djl/src/test/java/ATest.java");
        touch("sdk-djl/target/classes/src/main/A.class");
        assertThat(isFresh()).as("tests and outputs are not in it").isTrue();
    }

    @Test
    void aChangedSourceOrPomIsBuiltAgain() throws Exception {
        touch("sdk-djl/src/main/java/A.java");
        assertThat(isFresh()).isFalse();
        checkout();
        touch("samples/quickstart/pom.xml");
        assertThat(isFresh()).isFalse();
    }

    @Test
    void withoutAJarItIsBuilt() throws Exception {
        Files.delete(jar);
        assertThat(isFresh()).isFalse();
    }

    private boolean isFresh() throws Exception {
        Path source = Path.of("Start.java").toAbsolutePath();
        int code =
                ToolProvider.getSystemJavaCompiler()
                        .run(
                                null,
                                null,
                                null,
                                "-Xlint:all",
                                "-Werror",
                                "-d",
                                classes.toString(),
                                source.toString());
        assertThat(code).isZero();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {classes.toUri().toURL()}, null)) {
            Method method =
                    loader.loadClass("Start").getDeclaredMethod("isFresh", Path.class, Path.class);
            method.setAccessible(true);
            return (boolean) method.invoke(null, jar, root);
        }
    }

    private void touch(String file) throws Exception {
        Files.setLastModifiedTime(write(file), LATER);
    }

    private Path write(String file) throws Exception {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, "");
        return Files.setLastModifiedTime(path, BUILT);
    }
}
