package dev.engram.release;

import dev.engram.api.Experimental;
import dev.engram.api.Stable;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a user of a type can write, a line a member, in an order that no compiler chooses. */
final class Signatures {

    /** Begins the line of a type that does not say how stable it is. */
    static final String UNMARKED = "@Unmarked";

    private static final int NOT_THE_CALLERS =
            Modifier.NATIVE | Modifier.SYNCHRONIZED | Modifier.STRICT | Modifier.TRANSIENT;

    private Signatures() {}

    static List<String> of(Class<?> type) {
        List<String> lines = new ArrayList<>();
        lines.add(head(type));
        Stream.of(
                        Arrays.stream(type.getDeclaredFields())
                                .filter(Signatures::isSeen)
                                .map(Signatures::field),
                        Arrays.stream(type.getDeclaredConstructors())
                                .filter(Signatures::isSeen)
                                .map(Signatures::constructor),
                        Arrays.stream(type.getDeclaredMethods())
                                .filter(Signatures::isSeen)
                                .map(Signatures::method))
                .flatMap(members -> members)
                .sorted()
                .forEach(line -> lines.add("    " + line));
        return lines;
    }

    private static boolean isSeen(Member member) {
        int modifiers = member.getModifiers();
        boolean isInherited =
                Modifier.isProtected(modifiers)
                        && !Modifier.isFinal(member.getDeclaringClass().getModifiers());
        return !member.isSynthetic() && (Modifier.isPublic(modifiers) || isInherited);
    }

    private static String head(Class<?> type) {
        String above =
                Stream.concat(
                                Stream.ofNullable(type.getGenericSuperclass()),
                                Arrays.stream(type.getGenericInterfaces()))
                        .filter(parent -> !parent.equals(Object.class))
                        .map(Type::getTypeName)
                        .collect(Collectors.joining(", "));
        return "%s %s%s %s%s%s"
                .formatted(
                        promise(type),
                        modifiers(type.getModifiers() & ~Modifier.INTERFACE),
                        kind(type),
                        type.getName(),
                        variables(type.getTypeParameters()),
                        above.isEmpty() ? "" : " : " + above);
    }

    /** What is declared inside a type is as stable as that. */
    private static String promise(Class<?> type) {
        for (Class<?> at = type; at != null; at = at.getDeclaringClass()) {
            if (at.isAnnotationPresent(Stable.class)) {
                return "@Stable(" + at.getAnnotation(Stable.class).implementedBy() + ")";
            }
            if (at.isAnnotationPresent(Experimental.class)) {
                return "@Experimental";
            }
        }
        return type.isAnnotation() ? "@Mark" : UNMARKED;
    }

    private static String kind(Class<?> type) {
        if (type.isAnnotation()) {
            return "@interface";
        }
        if (type.isInterface()) {
            return "interface";
        }
        return type.isEnum() ? "enum" : type.isRecord() ? "record" : "class";
    }

    private static String field(Field field) {
        return modifiers(field.getModifiers())
                + seen(field.getAnnotatedType())
                + " "
                + field.getName()
                + constant(field);
    }

    /** Compilers copy constants into those who use them. */
    private static String constant(Field field) {
        boolean isConstant =
                Modifier.isStatic(field.getModifiers()) && Modifier.isFinal(field.getModifiers());
        if (!isConstant || !(field.getType().isPrimitive() || field.getType() == String.class)) {
            return "";
        }
        try {
            return " = " + field.get(null);
        } catch (IllegalAccessException e) {
            return "";
        }
    }

    private static String constructor(Constructor<?> constructor) {
        return modifiers(constructor.getModifiers()) + "new" + parameters(constructor);
    }

    private static String method(Method method) {
        String variables = variables(method.getTypeParameters());
        return modifiers(method.getModifiers())
                + (method.isDefault() ? "default " : "")
                + (variables.isEmpty() ? "" : variables + " ")
                + seen(method.getAnnotatedReturnType())
                + " "
                + method.getName()
                + parameters(method);
    }

    private static String parameters(Executable executable) {
        String parameters =
                Arrays.stream(executable.getParameters())
                        .map(Parameter::getAnnotatedType)
                        .map(Signatures::seen)
                        .collect(Collectors.joining(", ", "(", ")"));
        String thrown =
                Arrays.stream(executable.getGenericExceptionTypes())
                        .map(Type::getTypeName)
                        .sorted()
                        .collect(Collectors.joining(", "));
        return parameters + (thrown.isEmpty() ? "" : " throws " + thrown);
    }

    private static String seen(AnnotatedType type) {
        String name = type.getType().getTypeName();
        return type.isAnnotationPresent(Nullable.class) ? "@Nullable " + name : name;
    }

    private static String variables(TypeVariable<?>[] variables) {
        return variables.length == 0
                ? ""
                : Arrays.stream(variables)
                        .map(Signatures::variable)
                        .collect(Collectors.joining(", ", "<", ">"));
    }

    private static String variable(TypeVariable<?> variable) {
        String bounds =
                Arrays.stream(variable.getBounds())
                        .filter(bound -> !bound.equals(Object.class))
                        .map(Type::getTypeName)
                        .collect(Collectors.joining(" & "));
        return bounds.isEmpty() ? variable.getName() : variable.getName() + " extends " + bounds;
    }

    private static String modifiers(int modifiers) {
        // 0x40 and 0x80 mean volatile and transient of fields, bridge and varargs of methods.
        String text = Modifier.toString(modifiers & ~NOT_THE_CALLERS & ~Modifier.VOLATILE);
        return text.isEmpty() ? "" : text + " ";
    }
}
