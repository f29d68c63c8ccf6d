package io.hindcast.report.chart;

import static java.util.stream.Collectors.toMap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.regex.Pattern;

/** The colours of pages and pictures, for light and for dark ground, and what pictures look like. */
public final class Style {
    /** How many colours there are for lines and bars, {@code c0} and so on; further ones start again. */
    public static final int COLORS = 8;

    private static final Pattern COLOR = Pattern.compile("--(\\w[\\w-]*): (#\\w+);");
    private static final Pattern USE = Pattern.compile("var\\(--(\\w[\\w-]*)\\)");

    private Style() {}

    /** The colours, as variables. */
    public static String colors() {
        return resource("colors.css");
    }

    /** Pictures in a page that has the colours. */
    public static String pictures() {
        return resource("picture.css");
    }

    /** A picture by itself, on light ground. Its colours are literal: resvg, for one, knows no variables. */
    static String ofOnePicture() {
        // The light ground's colours come first.
        var colors = COLOR.matcher(colors())
                .results()
                .collect(toMap(color -> color.group(1), color -> color.group(2), (light, dark) -> light));
        return USE.matcher(pictures()).replaceAll(use -> Objects.requireNonNull(colors.get(use.group(1)), use.group()));
    }

    private static String resource(String name) {
        // Through this class: a cluster keeps the job's jar in a class loader of its own.
        try (var css = Objects.requireNonNull(Style.class.getResourceAsStream(name), name)) {
            return new String(css.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
