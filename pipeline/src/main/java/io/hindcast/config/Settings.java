package io.hindcast.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.commons.text.similarity.LevenshteinDistance;
import org.jspecify.annotations.Nullable;

/**
 * Reads, checks, explains and writes configuration records. A component may be a number, a boolean, a string, an enum (its
 * constants in kebab case), a duration, a {@link Bound}, a {@link Guarded} text, another such record, a list of these or a map from names to these; a component whose default is
 * {@code null} may be absent, and one that is nullable without a default must be given but may be given as {@code null}. A
 * component that may be a string or a number is a {@link ConfigValue}.
 */
public final class Settings {
    private Settings() {}

    /** One key, for help texts: its name, type in words, default as HOCON ({@code required} if none), range and meaning. */
    public record Entry(String key, String type, String defaultValue, String range, String meaning) {}

    /**
     * Reads a record from {@code config}; keys that are absent take their defaults.
     *
     * @param where the path of {@code config} in its file, for messages; empty at the top
     * @throws UserException on an unknown key (with a suggestion), a missing one, a value of another type or out of range
     */
    public static <R extends Record> R read(Class<R> type, Config config, String where) {
        return read(type, config.root(), where);
    }

    /** The record with every default; it must have no required component. */
    public static <R extends Record> R defaults(Class<R> type) {
        return read(type, ConfigFactory.empty(), "");
    }

    /**
     * Checks the ranges of {@link Setting}s; a configuration record calls it from its compact constructor.
     *
     * @param values the values of all components, in their order
     * @throws UserException naming the key, the value and the range
     */
    public static void check(Class<? extends Record> type, @Nullable Object... values) {
        var components = type.getRecordComponents();
        if (components.length != values.length) {
            throw new IllegalArgumentException("Cannot check " + type.getName() + ": " + components.length
                    + " components, " + values.length + " values");
        }
        for (var i = 0; i < values.length; i++) {
            var range = setting(components[i]).range();
            var value = values[i];
            if (range.isEmpty() || value == null) {
                continue;
            }
            var interval = Interval.parse(range);
            var numbers = value instanceof Collection<?> many ? many : List.of(value);
            for (var number : numbers) {
                if (!(number instanceof Number n) || !interval.contains(n.doubleValue())) {
                    throw new UserException("Cannot use " + kebab(components[i].getName()) + " = " + value
                            + ": it must be in " + range);
                }
            }
        }
    }

    /** The record as nested maps and lists of JSON values, keys in kebab case and in the record's order; secrets are hidden. */
    public static Map<String, Object> toMap(Record settings) {
        var map = new LinkedHashMap<String, Object>();
        for (var component : settings.getClass().getRecordComponents()) {
            var value = valueOf(component, settings);
            if (value != null) {
                var json = toJson(value);
                var isSingle = setting(component).single() && json instanceof List<?> list && list.size() == 1;
                map.put(kebab(component.getName()), isSingle ? ((List<?>) json).get(0) : json);
            }
        }
        return map;
    }

    /** Those entries of {@link #toMap} that differ from the defaults. */
    public static Map<String, Object> differences(Record settings) {
        var map = toMap(settings);
        for (var component : settings.getClass().getRecordComponents()) {
            var key = kebab(component.getName());
            var text = setting(component).value();
            if (text.equals(Setting.REQUIRED) || !map.containsKey(key)) {
                continue;
            }
            var standard = convert(component.getGenericType(), parse(text), key);
            if (standard != null) {
                removeEqual(map, key, toJson(standard));
            }
        }
        return map;
    }

    /** Takes a key away if it is as the default, and of an object its keys that are. */
    private static void removeEqual(Map<String, Object> map, String key, Object standard) {
        if (standard.equals(map.get(key))) {
            map.remove(key);
        } else if (map.get(key) instanceof Map<?, ?> given && standard instanceof Map<?, ?> defaults) {
            var rest = new LinkedHashMap<String, Object>();
            given.forEach((name, value) -> rest.put(String.valueOf(name), value));
            defaults.forEach((name, value) -> {
                if (value != null) {
                    removeEqual(rest, String.valueOf(name), value);
                } else if (rest.get(String.valueOf(name)) == null) {
                    rest.remove(String.valueOf(name));
                }
            });
            map.put(key, rest);
        }
    }

    /** What {@code --help} lists: one entry a component, records in it flattened with dots ({@code NAME} for any name). */
    public static List<Entry> describe(Class<? extends Record> type) {
        var entries = new ArrayList<Entry>();
        for (var component : type.getRecordComponents()) {
            var setting = setting(component);
            var key = kebab(component.getName());
            if (isSection(component.getType())) {
                describe(component.getType(), key, entries);
                continue;
            }
            entries.add(new Entry(
                    key, typeName(component.getGenericType()), setting.value(), setting.range(), setting.meaning()));
            if (component.getGenericType() instanceof ParameterizedType generic) {
                var arguments = generic.getActualTypeArguments();
                var named = generic.getRawType() == Map.class;
                if (arguments[named ? 1 : 0] instanceof Class<?> item && isSection(item)) {
                    describe(item, key + (named ? ".NAME" : "[]"), entries);
                }
            }
        }
        return entries;
    }

    private static boolean isSection(Class<?> type) {
        return type.isRecord() && type != Bound.class && !Guarded.class.isAssignableFrom(type);
    }

    private static void describe(Class<?> nested, String key, List<Entry> entries) {
        for (var entry : describe(nested.asSubclass(Record.class))) {
            entries.add(new Entry(
                    key + "." + entry.key(), entry.type(), entry.defaultValue(), entry.range(), entry.meaning()));
        }
    }

    /**
     * The error for a name that is not one of {@code known}: it suggests the nearest one, or lists all.
     *
     * @param what the kind of thing in words, for example {@code "key"} or {@code "job"}
     */
    public static UserException unknown(String what, String name, Collection<String> known, String place) {
        var distance = LevenshteinDistance.getDefaultInstance();
        var last = name.substring(name.lastIndexOf('.') + 1);
        var nearest = known.stream()
                .min((a, b) -> Integer.compare(distance.apply(last, a), distance.apply(last, b)))
                .filter(best -> distance.apply(last, best) <= Math.max(2, last.length() / 3))
                .map(best -> "did you mean '" + best + "'?")
                .orElse("known are " + String.join(", ", known));
        return new UserException(
                "Cannot use " + what + " '" + name + "'" + place + ": there is no such " + what + "; " + nearest);
    }

    /** {@code maxWeight} becomes {@code max-weight}. */
    public static String kebab(String camelCase) {
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

    private static <R extends Record> R read(Class<R> type, ConfigObject object, String where) {
        var components = type.getRecordComponents();
        var known = Arrays.stream(components)
                .map(component -> kebab(component.getName()))
                .toList();
        for (var entry : object.entrySet()) {
            if (!known.contains(entry.getKey())) {
                throw unknown(
                        "key",
                        join(where, entry.getKey()),
                        known,
                        place(entry.getValue().origin()));
            }
        }
        var values = new Object[components.length];
        for (var i = 0; i < components.length; i++) {
            values[i] = read(components[i], object, where);
        }
        return construct(type, components, values, where);
    }

    private static @Nullable Object read(RecordComponent component, ConfigObject object, String where) {
        var key = kebab(component.getName());
        var given = object.get(key);
        if (given == null || given.valueType() == ConfigValueType.NULL) {
            var setting = setting(component);
            if (!setting.value().equals(Setting.REQUIRED)) {
                given = parse(setting.value());
            } else if (given == null || !mayBeNull(component)) {
                throw new UserException("Cannot read the configuration: key " + join(where, key) + " is missing ("
                        + setting.meaning() + "); add it to the conf file or give --set " + join(where, key) + "=…");
            }
        }
        return convert(component.getGenericType(), given, join(where, key));
    }

    private static boolean mayBeNull(RecordComponent component) {
        return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    private static <R extends Record> R construct(
            Class<R> type, RecordComponent[] components, @Nullable Object[] values, String where) {
        try {
            var constructor = type.getDeclaredConstructor(
                    Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            var cause = Objects.requireNonNull(e.getCause());
            if (cause instanceof UserException mistake && !where.isEmpty()) {
                if (String.valueOf(cause.getMessage()).contains(where + ".")) {
                    throw mistake; // it says where already, and more precisely
                }
                throw new UserException(cause.getMessage() + " (in section " + where + ")", cause);
            }
            if (cause instanceof RuntimeException runtime) {
                throw runtime;
            }
            throw new IllegalStateException(cause);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Cannot construct " + type.getName(), e);
        }
    }

    private static @Nullable Object convert(Type type, ConfigValue value, String where) {
        if (value.valueType() == ConfigValueType.NULL) {
            return null;
        }
        if (type instanceof ParameterizedType generic) {
            var arguments = generic.getActualTypeArguments();
            if (generic.getRawType() == List.class) {
                // A --set from a shell may give one value where a list stands.
                var items = value instanceof ConfigList list ? list : List.of(value);
                return items.stream()
                        .map(item -> item(arguments[0], item, where))
                        .toList();
            }
            if (generic.getRawType() == Map.class && value instanceof ConfigObject object) {
                // Sorted, so that nothing depends on the order of keys in a file.
                var map = new TreeMap<String, Object>();
                object.forEach((name, item) -> {
                    // HOCON's way to take out what an included file has.
                    if (item.valueType() != ConfigValueType.NULL) {
                        map.put(name, item(arguments[1], item, join(where, name)));
                    }
                });
                return map;
            }
            throw wrongType(where, shown(type, value), value.origin(), typeName(type));
        }
        var plain = (Class<?>) type;
        if (Guarded.class.isAssignableFrom(plain)) {
            return guarded(plain, value, where);
        }
        if (ConfigValue.class.isAssignableFrom(plain)) {
            return plain.isInstance(value) ? value : fail(where, value, typeName(type));
        }
        if (plain == Bound.class) {
            return bound(value, where);
        }
        if (plain.isRecord()) {
            if (value instanceof ConfigObject object) {
                return read(plain.asSubclass(Record.class), object, where);
            }
            throw wrongType(where, shown(type, value), value.origin(), "a section { … }");
        }
        if (plain.isEnum()) {
            return enumConstant(plain, value, where);
        }
        return scalar(plain, value, where);
    }

    private static Object item(Type type, ConfigValue value, String where) {
        var item = convert(type, value, where);
        if (item == null) {
            throw new UserException("Cannot use " + where + place(value.origin())
                    + ": one of its values is null; leave it out of the list");
        }
        return item;
    }

    private static Bound bound(ConfigValue value, String where) {
        if (Bound.DATA.equals(value.unwrapped())) {
            return Bound.ofData();
        }
        var items = value instanceof ConfigList list ? list : List.of(value);
        var numbers = new ArrayList<Double>();
        for (var item : items) {
            var isNumber = item.valueType() == ConfigValueType.NUMBER || item.valueType() == ConfigValueType.STRING;
            if (!isNumber || !Double.isFinite((double) scalar(double.class, item, where))) {
                throw wrongType(where, value, typeName(Bound.class) + ", all finite");
            }
            numbers.add((double) scalar(double.class, item, where));
        }
        if (numbers.isEmpty()) {
            throw wrongType(where, value, typeName(Bound.class) + ", all finite");
        }
        return value instanceof ConfigList ? Bound.each(numbers) : Bound.of(numbers.get(0));
    }

    private static Object scalar(Class<?> plain, ConfigValue value, String where) {
        var holder = ConfigValueFactory.fromAnyRef(
                        Map.of("v", value.unwrapped()), value.origin().description())
                .atPath("x")
                .getConfig("x");
        try {
            var whole =
                    List.of(int.class, Integer.class, long.class, Long.class).contains(plain);
            if (whole && !isWhole(holder.getDouble("v"))) {
                throw wrongType(where, value, typeName(plain));
            }
            if (plain == int.class || plain == Integer.class) {
                return holder.getInt("v");
            }
            if (plain == long.class || plain == Long.class) {
                return holder.getLong("v");
            }
            if (plain == double.class || plain == Double.class) {
                return holder.getDouble("v");
            }
            if (plain == boolean.class || plain == Boolean.class) {
                return holder.getBoolean("v");
            }
            if (plain == String.class) {
                return holder.getString("v");
            }
            // HOCON would take a bare number for milliseconds.
            if (plain == Duration.class && value.valueType() == ConfigValueType.STRING) {
                return holder.getDuration("v");
            }
        } catch (ConfigException e) {
            throw wrongType(where, value, typeName(plain));
        }
        if (plain == Duration.class) {
            throw wrongType(where, value, typeName(plain));
        }
        throw new IllegalStateException("Cannot read settings of type " + plain.getName());
    }

    /** HOCON would cut 1.5 to 1, and 1e400 to the greatest integer. */
    private static boolean isWhole(double number) {
        return number == Math.rint(number) && Math.abs(number) < 0x1p53;
    }

    private static Object enumConstant(Class<?> type, ConfigValue value, String where) {
        var names = new ArrayList<String>();
        for (var constant : Objects.requireNonNull(type.getEnumConstants())) {
            var name = constantName((Enum<?>) constant);
            if (name.equals(value.unwrapped())) {
                return constant;
            }
            names.add(name);
        }
        throw wrongType(where, value, "one of " + String.join(", ", names));
    }

    private static Object fail(String where, ConfigValue value, String expected) {
        throw wrongType(where, value, expected);
    }

    private static UserException wrongType(String where, ConfigValue value, String expected) {
        return wrongType(where, Secrets.isName(where) ? Secrets.HIDDEN : rendered(value), value.origin(), expected);
    }

    private static UserException wrongType(String where, String shown, ConfigOrigin origin, String expected) {
        return new UserException("Cannot use " + where + " = " + shown + place(origin) + ": it must be " + expected);
    }

    /** A value that is none of {@code type}, for messages: not what may have been meant as a secret. */
    private static String shown(Type type, ConfigValue value) {
        return mayHoldSecret(type) ? Secrets.HIDDEN : rendered(value);
    }

    private static String rendered(ConfigValue value) {
        return Secrets.hideByForm(value.render(com.typesafe.config.ConfigRenderOptions.concise()));
    }

    /** The keys of {@code type}, and of sections within it, that hold secrets or a section of them. */
    public static Set<String> secretKeys(Class<? extends Record> type) {
        var keys = new TreeSet<String>();
        for (var component : type.getRecordComponents()) {
            if (isSection(component.getType())) {
                keys.addAll(secretKeys(component.getType().asSubclass(Record.class)));
            } else if (mayHoldSecret(component.getGenericType())) {
                keys.add(kebab(component.getName()));
            }
        }
        return keys;
    }

    /** Whether a {@link Secret} is of this type, or within it. */
    public static boolean mayHoldSecret(Type type) {
        if (type instanceof ParameterizedType generic) {
            return Arrays.stream(generic.getActualTypeArguments()).anyMatch(Settings::mayHoldSecret);
        }
        return type == Secret.class
                || (type instanceof Class<?> plain
                        && isSection(plain)
                        && Arrays.stream(plain.getRecordComponents())
                                .anyMatch(component -> mayHoldSecret(component.getGenericType())));
    }

    /** In the very characters that it was given in: of a number 007 they count. */
    private static Guarded guarded(Class<?> type, ConfigValue value, String where) {
        var isText = List.of(ConfigValueType.STRING, ConfigValueType.NUMBER, ConfigValueType.BOOLEAN)
                .contains(value.valueType());
        if (!isText) {
            throw wrongType(where, shown(type, value), value.origin(), typeName(type));
        }
        var text = value.atKey("v").getString("v");
        return type == Secret.class ? new Secret(text) : new Address(text);
    }

    private static String place(ConfigOrigin origin) {
        return origin.filename() == null ? "" : " (" + origin.filename() + ", line " + origin.lineNumber() + ")";
    }

    private static String typeName(Type type) {
        if (type instanceof ParameterizedType generic) {
            var arguments = generic.getActualTypeArguments();
            return generic.getRawType() == List.class
                    ? "list of " + plural(typeName(arguments[0]))
                    : "section of named " + plural(typeName(arguments[1]));
        }
        var plain = (Class<?>) type;
        if (plain.isEnum()) {
            return Arrays.stream(Objects.requireNonNull(plain.getEnumConstants()))
                    .map(constant -> constantName((Enum<?>) constant))
                    .collect(Collectors.joining(" | "));
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
            default -> type;
        };
    }

    /** JSON values without the secrets that are known by their form, in the same order. */
    private static Object hidden(Object value) {
        if (value instanceof String text) {
            return Secrets.hideByForm(text);
        }
        if (value instanceof List<?> list) {
            var items = new ArrayList<@Nullable Object>();
            list.forEach(item -> items.add(item == null ? null : hidden(item)));
            return items;
        }
        if (value instanceof Map<?, ?> map) {
            var items = new LinkedHashMap<Object, @Nullable Object>();
            map.forEach((key, item) -> items.put(key, item == null ? null : hidden(item)));
            return items;
        }
        return value;
    }

    private static Object toJson(Object value) {
        if (value instanceof Bound bound) {
            return bound.json();
        }
        if (value instanceof Guarded guarded) {
            return guarded.toString();
        }
        if (value instanceof Record record) {
            return toMap(record);
        }
        if (value instanceof Enum<?> constant) {
            return constantName(constant);
        }
        if (value instanceof Duration duration) {
            return duration.toMillis() + "ms";
        }
        if (value instanceof ConfigValue config) {
            return hidden(config.unwrapped());
        }
        if (value instanceof String text) {
            return Secrets.hideByForm(text);
        }
        if (value instanceof List<?> list) {
            return list.stream().map(Settings::toJson).toList();
        }
        if (value instanceof Map<?, ?> map) {
            var sorted = new TreeMap<String, Object>();
            map.forEach((key, item) -> sorted.put(String.valueOf(key), toJson(item)));
            return sorted;
        }
        return value;
    }

    private static String constantName(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static @Nullable Object valueOf(RecordComponent component, Record settings) {
        try {
            var accessor = component.getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(settings);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Cannot read " + component, e);
        }
    }

    private static Setting setting(RecordComponent component) {
        var setting = component.getAnnotation(Setting.class);
        if (setting == null) {
            throw new IllegalStateException("Cannot use " + component + " as a setting: it has no @Setting");
        }
        return setting;
    }

    private static ConfigValue parse(String hocon) {
        return Objects.requireNonNull(
                ConfigFactory.parseString("v = " + hocon).root().get("v"));
    }

    private static String join(String where, String key) {
        return where.isEmpty() ? key : where + "." + key;
    }
}
