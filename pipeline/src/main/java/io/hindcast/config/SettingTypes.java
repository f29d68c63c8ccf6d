package io.hindcast.config;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValue;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** What the types of settings are, and what they and their keys are called. */
final class SettingTypes {
    private SettingTypes() {}

    /** Whether it is a record of settings. */
    static boolean isSection(Type type) {
        return type instanceof Class<?> plain
                && plain.isRecord()
                && plain != Bound.class
                && !Guarded.class.isAssignableFrom(plain);
    }

    /** Whether it is a sealed interface of records, each of which is one of its cases. */
    static boolean isOneOf(Type type) {
        return type instanceof Class<?> plain && plain.isInterface() && plain.isSealed() && plain != Guarded.class;
    }

    /** The cases of a sealed interface by their names, in the order of its declaration. */
    static Map<String, Class<? extends Record>> cases(Class<?> oneOf) {
        var cases = new LinkedHashMap<String, Class<? extends Record>>();
        for (var permitted : Objects.requireNonNull(oneOf.getPermittedSubclasses())) {
            if (isOneOf(permitted)) {
                cases.putAll(cases(permitted));
            } else {
                cases.put(caseName(permitted), permitted.asSubclass(Record.class));
            }
        }
        return cases;
    }

    /** {@code TopPercent} is {@code top-percent}. */
    static String caseName(Class<?> type) {
        return kebab(type.getSimpleName()).substring(1);
    }

    static String constantName(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static String key(RecordComponent component) {
        return kebab(component.getName());
    }

    /** The name that the key had first, which is the one in what is published. */
    static String firstKey(RecordComponent component) {
        var formerly = setting(component).formerly();
        return formerly.length == 0 ? key(component) : formerly[0];
    }

    static String kebab(String camelCase) {
        var text = new StringBuilder();
        for (var i = 0; i < camelCase.length(); i++) {
            var c = camelCase.charAt(i);
            if (Character.isUpperCase(c)) {
                text.append('-').append(Character.toLowerCase(c));
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }

    static Setting setting(RecordComponent component) {
        var setting = component.getAnnotation(Setting.class);
        if (setting == null) {
            throw new IllegalStateException("Cannot use " + component + " as a setting: it has no @Setting");
        }
        return setting;
    }

    static ConfigValue parse(String hocon) {
        return Objects.requireNonNull(
                ConfigFactory.parseString("v = " + hocon).root().get("v"));
    }

    /** In words. */
    static String name(Type type) {
        if (type instanceof ParameterizedType generic) {
            var arguments = generic.getActualTypeArguments();
            return generic.getRawType() == List.class
                    ? "list of " + plural(name(arguments[0]))
                    : "section of named " + plural(name(arguments[1]));
        }
        var plain = (Class<?>) type;
        if (plain.isEnum()) {
            return Arrays.stream(Objects.requireNonNull(plain.getEnumConstants()))
                    .map(constant -> constantName((Enum<?>) constant))
                    .collect(Collectors.joining(" | "));
        }
        if (isOneOf(plain)) {
            return "a section with one key";
        }
        return switch (plain.getSimpleName()) {
            case "int", "Integer", "long", "Long" -> "an integer";
            case "double", "Double" -> "a number";
            case "boolean", "Boolean" -> "true or false";
            case "String", "Secret", "Address" -> "a string";
            case "Bound" -> "a number, a list of numbers, or data";
            case "Duration" -> "a time with its unit, such as 90s, 30m or 2h";
            case "ConfigValue" -> "a string or a number";
            default -> "a section";
        };
    }

    private static String plural(String type) {
        return switch (type) {
            case "an integer" -> "integers";
            case "a number" -> "numbers";
            case "a string" -> "strings";
            case "a section" -> "sections";
            case "a section with one key" -> "sections with one key";
            default -> type;
        };
    }
}
