package io.hindcast.jobs;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;

/**
 * Everything that people read on a terminal is printed here. Names and texts come from files, environments and settings of
 * others: control characters in them are shown, not obeyed.
 */
final class Console {
    private final PrintStream out;
    private final PrintStream err;

    Console(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** One line of what is done. */
    void say(String line) {
        out.println(oneLine(line));
    }

    /** One line of what went wrong. */
    void complain(String line) {
        err.println(oneLine(line));
    }

    /** A text of several lines that was asked for. */
    void print(String text) {
        out.print(visible(text));
    }

    /** Where something was thrown. */
    void trace(Throwable e) {
        var text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        trace(text.toString());
    }

    /** The same of something that was thrown elsewhere, in several lines. */
    void trace(String text) {
        err.print(visible(text));
    }

    private static String oneLine(String text) {
        return visible(text.strip().replaceAll("\\R\\s*", " "));
    }

    /** With all that moves a cursor, starts a sequence or turns the direction of writing as {@code \}{@code u001b}. */
    static String visible(String text) {
        var shown = new StringBuilder(text.length());
        for (var i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            var isLine = c == '\n' || c == '\t' || (c == '\r' && i + 1 < text.length() && text.charAt(i + 1) == '\n');
            var isControl = Character.isISOControl(c)
                    || (c >= 0x202a && c <= 0x202e)
                    || (c >= 0x2066 && c <= 0x2069)
                    || c == 0x2028
                    || c == 0x2029;
            if (isControl && !isLine) {
                shown.append(String.format("\\u%04x", (int) c));
            } else {
                shown.append(c);
            }
        }
        return shown.toString();
    }
}
