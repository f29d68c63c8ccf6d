package io.hindcast.config;

import com.typesafe.config.ConfigValue;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Records of settings as nested maps and lists of JSON values.
 *
 * @param key what a component is called
 * @param scope which components are written
 */
record SettingWriter(Function<RecordComponent, String> key, Scope scope) {
    /** Which keys are written. */
    enum Scope {
        /** All but those that came later and are as by default, see {@link Setting#later}. */
        PUBLISHED,
        ALL
    }

    Map<String, Object> map(Record settings) {
        var map = new LinkedHashMap<String, Object>();
        for (var component : settings.getClass().getRecordComponents()) {
            var value = valueOf(component, settings);
            if (value != null && !isLeftOut(component, value)) {
                var json = json(component.getGenericType(), value);
                var isSingle =
                        SettingTypes.setting(component).single() && json instanceof List<?> list && list.size() == 1;
                map.put(key.apply(component), isSingle ? ((List<?>) json).get(0) : json);
            }
        }
        return map;
    }

    private boolean isLeftOut(RecordComponent component, Object value) {
        var setting = SettingTypes.setting(component);
        return scope == Scope.PUBLISHED
                && setting.later()
                && value.equals(SettingReader.convert(
                        component.getGenericType(), SettingTypes.parse(setting.value()), component.getName()));
    }

    /** A value of a component that is declared as {@code type}. */
    Object json(Type type, Object value) {
        if (value instanceof Bound bound) {
            return bound.json();
        }
        if (value instanceof Guarded guarded) {
            return guarded.toString();
        }
        if (value instanceof Record record) {
            var map = map(record);
            return SettingTypes.isOneOf(type) ? Map.of(SettingTypes.caseName(record.getClass()), map) : map;
        }
        if (value instanceof Enum<?> constant) {
            return SettingTypes.constantName(constant);
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
            var item = ((ParameterizedType) type).getActualTypeArguments()[0];
            return list.stream().map(element -> json(item, element)).toList();
        }
        if (value instanceof Map<?, ?> map) {
            var item = ((ParameterizedType) type).getActualTypeArguments()[1];
            var sorted = new TreeMap<String, Object>();
            map.forEach((name, element) -> sorted.put(String.valueOf(name), json(item, element)));
            return sorted;
        }
        return value;
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

    private static @Nullable Object valueOf(RecordComponent component, Record settings) {
        try {
            var accessor = component.getAccessor();
            accessor.setAccessible(true);
            return accessor.invoke(settings);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Cannot read " + component, e);
        }
    }
}
