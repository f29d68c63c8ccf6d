package io.hindcast.report.chart;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import org.apache.commons.lang3.StringUtils;
import org.apache.commons.text.StringEscapeUtils;

/** Writes HTML and SVG, element by element. All text and all attribute values are escaped. */
public final class Markup {
    private final StringBuilder out = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /** Opens an element; {@code attributes} are names and values in turn. */
    public Markup open(String tag, Object... attributes) {
        start(tag, attributes);
        out.append('>');
        open.push(tag);
        return this;
    }

    /** Closes the element opened last. */
    public Markup close() {
        out.append("</").append(open.pop()).append('>');
        return this;
    }

    /** An element without content. */
    public Markup empty(String tag, Object... attributes) {
        start(tag, attributes);
        out.append("/>");
        return this;
    }

    /** An element with nothing but text. */
    public Markup leaf(String tag, String text, Object... attributes) {
        return open(tag, attributes).text(text).close();
    }

    public Markup text(String text) {
        out.append(StringEscapeUtils.escapeXml10(text));
        return this;
    }

    /**
     * A script of the page's own.
     *
     * @throws IllegalArgumentException if it has an ampersand or a bracket that opens: it is written as it is, and must mean the same
     *     to who reads HTML and to who reads XML
     */
    public Markup script(String code) {
        if (code.indexOf('&') >= 0 || code.indexOf('<') >= 0) {
            throw new IllegalArgumentException("Cannot write a script: it has an & or a <");
        }
        out.append("<script>\n").append(code).append("</script>");
        return this;
    }

    public Markup line() {
        out.append('\n');
        return this;
    }

    /** A straight line of SVG. */
    Markup segment(String style, double x1, double y1, double x2, double y2) {
        return empty("line", "class", style, "x1", x1, "y1", y1, "x2", x2, "y2", y2);
    }

    /** A line of SVG text; {@code anchor} is which end of it {@code x} is: start, middle or end. */
    Markup words(String style, String anchor, double x, double y, String text) {
        return leaf("text", text, "class", style, "text-anchor", anchor, "x", x, "y", y);
    }

    /** The same of a text that may be long: without its middle, which is told where one points at it. */
    Markup words(String style, String anchor, double x, double y, String text, int longest) {
        var shown = StringUtils.abbreviateMiddle(text, "…", longest);
        open("text", "class", style, "text-anchor", anchor, "x", x, "y", y).text(shown);
        return (shown.equals(text) ? this : leaf("title", text)).close();
    }

    /** A chart as it is: it was written through this class already. */
    public Markup chart(Chart chart) {
        out.append(chart.svg());
        return line();
    }

    @Override
    public String toString() {
        if (!open.isEmpty()) {
            throw new IllegalStateException("Cannot finish the markup: " + open + " not closed");
        }
        return out.toString();
    }

    private void start(String tag, Object... attributes) {
        out.append('<').append(tag);
        for (var i = 0; i < attributes.length; i += 2) {
            var value = attributes[i + 1];
            var text = value instanceof Double number ? coordinate(number) : value.toString();
            out.append(' ').append(attributes[i]).append("=\"");
            out.append(StringEscapeUtils.escapeXml10(text)).append('"');
        }
    }

    /** A tenth of a pixel is enough, and keeps the page small. */
    public static String coordinate(double value) {
        var text = String.format(Locale.ROOT, "%.1f", value);
        return text.endsWith(".0") ? text.substring(0, text.length() - 2) : text;
    }
}
