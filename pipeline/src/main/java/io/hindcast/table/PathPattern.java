package io.hindcast.table;

import java.util.regex.Pattern;

/** Spark takes the paths that it is to read for patterns, in which brackets, braces and the like have a meaning. */
public final class PathPattern {
    private static final Pattern SPECIAL = Pattern.compile("[\\[\\]{}*?\\\\]");

    private PathPattern() {}

    /** The pattern that only {@code path} matches. */
    public static String of(String path) {
        // Not the option __globPaths__: with it Spark 4.1 reads every file as often as there are such paths.
        return SPECIAL.matcher(path).replaceAll("\\\\$0");
    }
}
