package io.hindcast.stage;

import io.hindcast.source.InputFile;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Columns that a file's folders hold: {@code dt=2026-11-01/part-0.parquet} has a column {@code dt}, as Hive, Spark, DuckDB and
 * pyarrow write it. A column of the file itself goes before.
 */
public final class PathColumns {
    private static final String NOTHING = "__HIVE_DEFAULT_PARTITION__";

    private PathColumns() {}

    /** Their values by name, as text, null where the folder says so; of two folders of one name the inner one counts. */
    public static Map<String, @Nullable String> of(InputFile file) {
        Map<String, @Nullable String> values = new LinkedHashMap<>();
        var folders = file.path().split("/", -1);
        for (var i = 0; i < folders.length - 1; i++) {
            var at = folders[i].indexOf('=');
            if (at > 0) {
                var value = folders[i].substring(at + 1);
                values.put(decoded(folders[i].substring(0, at)), value.equals(NOTHING) ? null : decoded(value));
            }
        }
        return values;
    }

    /** Per cent and two hex digits is a byte of UTF-8; all else stands for itself, a plus too. */
    private static String decoded(String text) {
        try {
            return text.indexOf('%') < 0 ? text : URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text; // not a code: it is how the folder is called
        }
    }
}
