package io.hindcast.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.text.similarity.LevenshteinDistance;

/**
 * Reads, checks, explains and writes configuration records. A component may be a number, a boolean, a string, an enum (its
 * constants in kebab case), a duration, a {@link Bound}, a {@link Guarded} text, another such record, a sealed interface of such
 * records, a list of these or a map from names to these; a component whose default is {@code null} may be absent, and one that is
 * nullable without a default must be given but may be given as {@code null}. A component that may be a string or a number is a
 * {@link ConfigValue}. Of a sealed interface a conf file gives the one record that it is: {@code { sample { fraction = 0.5 } }}, or
 * its name alone, {@code sample}, if every key of it has a default.
 *
 * <p>Types and ranges are checked while a record is read, before it is made; its constructor checks what holds between its keys.
 * So records are read, or made from others that were, and never made up in code.
 */
public final class Settings {
    private static final SettingWriter AS_PUBLISHED =
            new SettingWriter(SettingTypes::firstKey, SettingWriter.Scope.PUBLISHED);
    private static final SettingWriter AS_TODAY = new SettingWriter(SettingTypes::key, SettingWriter.Scope.ALL);

    private Settings() {}

    /**
     * One key, for help texts: its name, type in words, default as HOCON ({@code required} if none, {@link #ONE_OF} if it is a case
     * of a sealed interface), range and meaning.
     */
    public record Entry(String key, String type, String defaultValue, String range, String meaning) {
        /** What stands for the default of a section that is one of several. */
        public static final String ONE_OF = "one of these";
    }

    /**
     * Reads a record from {@code config}; keys that are absent take their defaults.
     *
     * @param where the path of {@code config} in its file, for messages; empty at the top
     * @throws UserException on an unknown key (with a suggestion), a missing one, a value of another type or out of range
     */
    public static <R extends Record> R read(Class<R> type, Config config, String where) {
        return SettingReader.read(type, config.root(), where);
    }

    /** The record with every default; it must have no required component. */
    public static <R extends Record> R defaults(Class<R> type) {
        return read(type, ConfigFactory.empty(), "");
    }

    /**
     * {@code config} with the names that its keys have now, those of sections in it included, so that it can be laid over other
     * settings.
     *
     * @throws UserException if a key is given under two of its names
     */
    public static ConfigObject renamed(Class<? extends Record> type, ConfigObject config, String where) {
        return SettingReader.renamed(type, config, where);
    }

    /** A line for each key of {@code config}, and of sections in it, that is given under a former name. */
    public static List<String> formerNames(Class<? extends Record> type, ConfigObject config, String where) {
        var lines = new ArrayList<String>();
        SettingReader.formerNames(type, config, where, lines::add);
        return lines;
    }

    /**
     * The record as nested maps and lists of JSON values, in the record's order, for manifests and run ids: secrets are hidden,
     * a key that was renamed has the name that it had first, and one that came later is left out while it is as by default.
     */
    public static Map<String, Object> toMap(Record settings) {
        return AS_PUBLISHED.map(settings);
    }

    /** {@link #toMap} as a conf file would have it, with the names that keys have now. */
    public static Map<String, Object> toConf(Record settings) {
        return AS_TODAY.map(settings);
    }

    /** Those entries of {@link #toMap} that differ from the defaults. */
    public static Map<String, Object> differences(Record settings) {
        var map = toMap(settings);
        for (var component : settings.getClass().getRecordComponents()) {
            var key = SettingTypes.firstKey(component);
            var text = SettingTypes.setting(component).value();
            if (text.equals(Setting.REQUIRED) || !map.containsKey(key)) {
                continue;
            }
            var type = component.getGenericType();
            var standard = SettingReader.convert(type, SettingTypes.parse(text), key);
            if (standard != null) {
                removeEqual(map, key, AS_PUBLISHED.json(type, standard));
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

    /**
     * What {@code --help} lists: one entry a component, followed by those of the records in it with dots ({@code NAME} for any
     * name, {@code []} for an element of a list).
     */
    public static List<Entry> describe(Class<? extends Record> type) {
        var entries = new ArrayList<Entry>();
        for (var component : type.getRecordComponents()) {
            var setting = SettingTypes.setting(component);
            var key = SettingTypes.key(component);
            var isWhole = SettingTypes.isSection(component.getType())
                    && setting.value().matches("\\{.*[^ }].*}");
            entries.add(new Entry(
                    key,
                    SettingTypes.name(component.getGenericType()),
                    setting.value(),
                    setting.range(),
                    setting.meaning()
                            + (isWhole
                                    ? "; if one of its keys is given, the other keys take the defaults listed below"
                                    : "")));
            within(component.getGenericType(), key, entries);
        }
        return entries;
    }

    /** Adds the keys of sections that are, or are in, {@code type}. */
    private static void within(Type type, String key, List<Entry> entries) {
        if (SettingTypes.isSection(type)) {
            for (var entry : describe(((Class<?>) type).asSubclass(Record.class))) {
                entries.add(new Entry(
                        key + "." + entry.key(), entry.type(), entry.defaultValue(), entry.range(), entry.meaning()));
            }
        } else if (SettingTypes.isOneOf(type)) {
            SettingTypes.cases((Class<?>) type).forEach((name, section) -> {
                var path = key + "." + name;
                var meaning = Objects.requireNonNull(section.getAnnotation(Setting.class), name)
                        .meaning();
                entries.add(new Entry(path, SettingTypes.name(section), Entry.ONE_OF, "", meaning));
                within(section, path, entries);
            });
        } else if (type instanceof ParameterizedType generic) {
            var isNamed = generic.getRawType() == Map.class;
            within(generic.getActualTypeArguments()[isNamed ? 1 : 0], key + (isNamed ? ".NAME" : "[]"), entries);
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
                .orElse(known.isEmpty() ? "there are none" : "known are " + String.join(", ", known));
        return new UserException(
                "Cannot use " + what + " '" + name + "'" + place + ": there is no such " + what + "; " + nearest);
    }

    /** {@code maxWeight} becomes {@code max-weight}. */
    public static String kebab(String camelCase) {
        return SettingTypes.kebab(camelCase);
    }

    /** The name of a record that is a case of a sealed interface: {@code TopPercent} is {@code top-percent}. */
    public static String caseName(Class<? extends Record> type) {
        return SettingTypes.caseName(type);
    }

    /** The keys of {@code type}, and of sections within it, that hold secrets or a section of them. */
    public static Set<String> secretKeys(Class<? extends Record> type) {
        var keys = new TreeSet<String>();
        for (var component : type.getRecordComponents()) {
            if (SettingTypes.isSection(component.getType())) {
                keys.addAll(secretKeys(component.getType().asSubclass(Record.class)));
            } else if (mayHoldSecret(component.getGenericType())) {
                keys.add(SettingTypes.key(component));
                keys.addAll(List.of(SettingTypes.setting(component).formerly()));
            }
        }
        return keys;
    }

    /** Whether a {@link Secret} is of this type, or within it. */
    public static boolean mayHoldSecret(Type type) {
        if (type instanceof ParameterizedType generic) {
            return Arrays.stream(generic.getActualTypeArguments()).anyMatch(Settings::mayHoldSecret);
        }
        if (SettingTypes.isOneOf(type)) {
            return SettingTypes.cases((Class<?>) type).values().stream().anyMatch(Settings::mayHoldSecret);
        }
        return type == Secret.class
                || (SettingTypes.isSection(type)
                        && Arrays.stream(((Class<?>) type).getRecordComponents())
                                .anyMatch(component -> mayHoldSecret(component.getGenericType())));
    }
}
