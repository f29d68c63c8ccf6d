package io.hindcast.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigRenderOptions;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads records of settings and checks their keys, types and ranges; what holds between keys a record's constructor checks. */
final class SettingReader {
    private SettingReader() {}

    static <R extends Record> R read(Class<R> type, ConfigObject given, String where) {
        var components = type.getRecordComponents();
        var object = today(type, given, where);
        var known = Arrays.stream(components).map(SettingTypes::key).toList();
        for (var entry : object.entrySet()) {
            if (!known.contains(entry.getKey())) {
                requireNotGone(type, entry.getKey(), where, entry.getValue());
                throw Settings.unknown(
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

    private static void requireNotGone(Class<? extends Record> type, String key, String where, ConfigValue value) {
        var gone = type.getAnnotation(Gone.class);
        if (gone != null && gone.key().equals(key)) {
            throw new UserException(
                    "Cannot use " + join(where, key) + place(value.origin()) + ": it is gone; " + gone.instead());
        }
    }

    /** {@code given} with the names that its keys have now; not those of sections in it. */
    static ConfigObject today(Class<? extends Record> type, ConfigObject given, String where) {
        var object = given;
        for (var component : type.getRecordComponents()) {
            var key = SettingTypes.key(component);
            for (var former : SettingTypes.setting(component).formerly()) {
                var value = object.get(former);
                if (value == null) {
                    continue;
                }
                if (object.containsKey(key)) {
                    throw new UserException("Cannot use " + join(where, former) + place(value.origin()) + " with "
                            + join(where, key) + ": the one is the former name of the other; remove "
                            + join(where, former));
                }
                object = object.withoutKey(former).withValue(key, value);
            }
        }
        return object;
    }

    /** The same with those of sections in it. */
    static ConfigObject renamed(Class<? extends Record> type, ConfigObject given, String where) {
        var object = today(type, given, where);
        for (var component : type.getRecordComponents()) {
            var key = SettingTypes.key(component);
            if (SettingTypes.isSection(component.getType()) && object.get(key) instanceof ConfigObject section) {
                var nested = component.getType().asSubclass(Record.class);
                object = object.withValue(key, renamed(nested, section, join(where, key)));
            }
        }
        return object;
    }

    /** Tells {@code said} of each key, those of sections included, that has another name now. */
    static void formerNames(Class<? extends Record> type, ConfigObject given, String where, Consumer<String> said) {
        for (var component : type.getRecordComponents()) {
            var key = SettingTypes.key(component);
            for (var former : SettingTypes.setting(component).formerly()) {
                var value = given.get(former);
                if (value != null) {
                    said.accept("The key " + join(where, former) + place(value.origin()) + " is called "
                            + join(where, key) + " now; it still works");
                }
            }
            var value = today(type, given, where).get(key);
            if (value != null) {
                formerNamesWithin(component.getGenericType(), value, join(where, key), said);
            }
        }
    }

    private static void formerNamesWithin(Type type, ConfigValue value, String where, Consumer<String> said) {
        if (type instanceof ParameterizedType generic) {
            var item = generic.getActualTypeArguments()[generic.getRawType() == Map.class ? 1 : 0];
            if (generic.getRawType() == Map.class && value instanceof ConfigObject named) {
                named.forEach((name, element) -> formerNamesWithin(item, element, join(where, name), said));
            } else if (generic.getRawType() == List.class) {
                var items = value instanceof ConfigList list ? list : List.of(value);
                items.forEach(element -> formerNamesWithin(item, element, where, said));
            }
        } else if (value instanceof ConfigObject object && SettingTypes.isSection(type)) {
            formerNames(((Class<?>) type).asSubclass(Record.class), object, where, said);
        } else if (value instanceof ConfigObject object && SettingTypes.isOneOf(type)) {
            SettingTypes.cases((Class<?>) type).forEach((name, section) -> {
                if (object.get(name) instanceof ConfigObject settings) {
                    formerNames(section, settings, join(where, name), said);
                }
            });
        }
    }

    private static @Nullable Object read(RecordComponent component, ConfigObject object, String where) {
        var path = join(where, SettingTypes.key(component));
        var given = givenOrDefault(component, object.get(SettingTypes.key(component)), path);
        var value = convert(component.getGenericType(), given, path);
        requireRange(SettingTypes.setting(component).range(), value, path, given.origin());
        return value;
    }

    private static ConfigValue givenOrDefault(RecordComponent component, @Nullable ConfigValue given, String path) {
        var setting = SettingTypes.setting(component);
        var isGiven = given != null && given.valueType() != ConfigValueType.NULL;
        if (setting.value().equals(Setting.REQUIRED)) {
            if (given == null || (!isGiven && !mayBeNull(component))) {
                throw new UserException("Cannot read the configuration: key " + path + " is missing ("
                        + setting.meaning() + "); add it to the conf file or give --set " + path + "=…");
            }
            return given;
        }
        return given == null || !isGiven ? SettingTypes.parse(setting.value()) : given;
    }

    private static void requireRange(String range, @Nullable Object value, String path, ConfigOrigin origin) {
        if (range.isEmpty() || value == null) {
            return;
        }
        var interval = Interval.parse(range);
        for (var number : value instanceof Collection<?> many ? many : List.of(value)) {
            if (!(number instanceof Number n) || !interval.contains(n.doubleValue())) {
                throw new UserException(
                        "Cannot use " + path + " = " + value + place(origin) + ": it must be in " + range);
            }
        }
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

    static @Nullable Object convert(Type type, ConfigValue value, String where) {
        if (value.valueType() == ConfigValueType.NULL) {
            return null;
        }
        if (type instanceof ParameterizedType generic) {
            return items(generic, value, where);
        }
        var plain = (Class<?>) type;
        if (Guarded.class.isAssignableFrom(plain)) {
            return guarded(plain, value, where);
        }
        if (ConfigValue.class.isAssignableFrom(plain)) {
            if (plain.isInstance(value)) {
                return value;
            }
            throw wrongType(where, value, SettingTypes.name(type));
        }
        if (plain == Bound.class) {
            return bound(value, where);
        }
        if (SettingTypes.isOneOf(plain)) {
            return oneOf(plain, value, where);
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

    private static Object items(ParameterizedType type, ConfigValue value, String where) {
        var arguments = type.getActualTypeArguments();
        if (type.getRawType() == List.class) {
            // A --set from a shell may give one value where a list stands.
            var items = value instanceof ConfigList list ? list : List.of(value);
            return items.stream().map(item -> item(arguments[0], item, where)).toList();
        }
        if (type.getRawType() == Map.class && value instanceof ConfigObject object) {
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
        throw wrongType(where, shown(type, value), value.origin(), SettingTypes.name(type));
    }

    private static Object item(Type type, ConfigValue value, String where) {
        var item = convert(type, value, where);
        if (item == null) {
            throw new UserException("Cannot use " + where + place(value.origin())
                    + ": one of its values is null; leave it out of the list");
        }
        return item;
    }

    /** A section with the name of a case as its one key, or that name alone: then its settings are as by default. */
    private static Object oneOf(Class<?> type, ConfigValue value, String where) {
        if (value.unwrapped() instanceof String name) {
            return read(known(type, name, value, where), ConfigFactory.empty().root(), join(where, name));
        }
        if (!(value instanceof ConfigObject object)) {
            throw wrongType(where, shown(type, value), value.origin(), "a section { NAME { … } } of " + names(type));
        }
        var given = new TreeMap<String, Class<? extends Record>>();
        object.forEach((name, settings) -> {
            var known = known(type, name, settings, where);
            if (settings.valueType() != ConfigValueType.NULL) {
                given.put(name, known);
            }
        });
        if (given.size() != 1) {
            var which = given.isEmpty() ? "none of " + names(type) : String.join(" and ", given.keySet());
            throw new UserException("Cannot use " + where + place(value.origin()) + " with " + which
                    + ": it must be one of them; write a section with one key, { NAME { … } }");
        }
        var name = given.firstKey();
        return Objects.requireNonNull(convert(
                Objects.requireNonNull(given.get(name)), Objects.requireNonNull(object.get(name)), join(where, name)));
    }

    private static String names(Class<?> oneOf) {
        return String.join(", ", SettingTypes.cases(oneOf).keySet());
    }

    private static Class<? extends Record> known(Class<?> oneOf, String name, ConfigValue value, String where) {
        var cases = SettingTypes.cases(oneOf);
        var known = cases.get(name);
        if (known == null) {
            throw Settings.unknown("key", join(where, name), cases.keySet(), place(value.origin()));
        }
        return known;
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
                throw wrongType(where, value, SettingTypes.name(Bound.class) + ", all finite");
            }
            numbers.add((double) scalar(double.class, item, where));
        }
        if (numbers.isEmpty()) {
            throw wrongType(where, value, SettingTypes.name(Bound.class) + ", all finite");
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
                throw wrongType(where, value, SettingTypes.name(plain));
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
            throw wrongType(where, value, SettingTypes.name(plain));
        }
        if (plain == Duration.class) {
            throw wrongType(where, value, SettingTypes.name(plain));
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
            var name = SettingTypes.constantName((Enum<?>) constant);
            if (name.equals(value.unwrapped())) {
                return constant;
            }
            names.add(name);
        }
        throw wrongType(where, value, "one of " + String.join(", ", names));
    }

    private static UserException wrongType(String where, ConfigValue value, String expected) {
        return wrongType(where, Secrets.isName(where) ? Secrets.HIDDEN : rendered(value), value.origin(), expected);
    }

    private static UserException wrongType(String where, String shown, ConfigOrigin origin, String expected) {
        return new UserException("Cannot use " + where + " = " + shown + place(origin) + ": it must be " + expected);
    }

    /** A value that is none of {@code type}, for messages: not what may have been meant as a secret. */
    private static String shown(Type type, ConfigValue value) {
        return Settings.mayHoldSecret(type) ? Secrets.HIDDEN : rendered(value);
    }

    private static String rendered(ConfigValue value) {
        return Secrets.hideByForm(value.render(ConfigRenderOptions.concise()));
    }

    /** In the very characters that it was given in: of a number 007 they count. */
    private static Guarded guarded(Class<?> type, ConfigValue value, String where) {
        var isText = List.of(ConfigValueType.STRING, ConfigValueType.NUMBER, ConfigValueType.BOOLEAN)
                .contains(value.valueType());
        if (!isText) {
            throw wrongType(where, shown(type, value), value.origin(), SettingTypes.name(type));
        }
        var text = value.atKey("v").getString("v");
        return type == Secret.class ? new Secret(text) : new Address(text);
    }

    private static String place(ConfigOrigin origin) {
        return origin.filename() == null ? "" : " (" + origin.filename() + ", line " + origin.lineNumber() + ")";
    }

    private static String join(String where, String key) {
        return where.isEmpty() ? key : where + "." + key;
    }
}
