package dev.engram.release;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The types that users of a module can see: public, and not in a package named internal. */
final class PublicTypes {

    private PublicTypes() {}

    static List<Class<?>> in(Path classes) throws IOException {
        try (Stream<Path> files = Files.walk(classes)) {
            return files.map(file -> classes.relativize(file).toString().replace('\\', '/'))
                    .filter(name -> name.endsWith(".class") && !name.contains("/internal/"))
                    .filter(name -> !name.endsWith("-info.class"))
                    .<Class<?>>map(PublicTypes::load)
                    .filter(PublicTypes::isSeen)
                    .sorted(Comparator.comparing(Class::getName))
                    .toList();
        }
    }

    private static Class<?> load(String file) {
        String name = file.substring(0, file.length() - ".class".length()).replace('/', '.');
        try {
            return Class.forName(name, false, PublicTypes.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isSeen(Class<?> type) {
        Class<?> outer = type.getDeclaringClass();
        boolean isOpen = Modifier.isPublic(type.getModifiers()) && !type.isAnonymousClass();
        return isOpen && !type.isSynthetic() && (outer == null || isSeen(outer));
    }
}
