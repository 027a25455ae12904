package dev.engram.djl.discovery;

import com.google.common.io.MoreFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/** Compiles plug-ins from source into folders of their own, as somebody else's jar would be. */
final class BrokenPlugins {

    private static final String SERVICE = "META-INF/services/dev.engram.api.spi.StrategyProvider";

    private final Path root;

    BrokenPlugins(Path root) {
        this.root = root;
    }

    /** Compiles a provider whose constructor and version are given as source. */
    Path plugin(String folder, String type, String id, String version, String constructor) {
        String source =
                """
                import dev.engram.api.settings.*;
                import dev.engram.api.spi.*;
                import java.util.List;
                public class %s implements StrategyProvider {
                    public %s() { %s }
                    public String id() { return "%s"; }
                    public String spiVersion() { return "%s"; }
                    public String description() { return "for a test"; }
                    public List<Setting<?>> settings() { return List.of(); }
                    public Strategy create(Settings settings) { return null; }
                }
                class %sNeeded {}
                """
                        .formatted(type, type, constructor, id, version, type);
        return compiled(folder, type, source);
    }

    /** Compiles a provider from its source. */
    Path compiled(String folder, String type, String source) {
        try {
            Path target = root.resolve(folder);
            Path services = target.resolve(SERVICE);
            MoreFiles.createParentDirectories(services);
            Files.writeString(services, type + "\n");
            Path file = target.resolve(type + ".java");
            Files.writeString(file, source);
            JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
            int result =
                    compiler.run(
                            null,
                            null,
                            null,
                            "-cp",
                            System.getProperty("java.class.path"),
                            "-d",
                            target.toString(),
                            file.toString());
            if (result != 0) {
                throw new IllegalStateException("does not compile:\n" + source);
            }
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns a loader that sees the plug-ins. */
    static ClassLoader loader(Path... plugins) throws IOException {
        URL[] urls =
                List.of(plugins).stream()
                        .map(
                                path -> {
                                    try {
                                        return path.toUri().toURL();
                                    } catch (IOException e) {
                                        throw new UncheckedIOException(e);
                                    }
                                })
                        .toArray(URL[]::new);
        return new URLClassLoader(urls, BrokenPlugins.class.getClassLoader());
    }
}
