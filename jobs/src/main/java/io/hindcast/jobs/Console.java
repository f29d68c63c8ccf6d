package io.hindcast.jobs;

import io.hindcast.config.Shown;
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
        out.print(Shown.escaped(text));
    }

    /** Where something was thrown. */
    void trace(Throwable e) {
        var text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        trace(text.toString());
    }

    /** The same of something that was thrown elsewhere, in several lines. */
    void trace(String text) {
        err.print(Shown.escaped(text));
    }

    private static String oneLine(String text) {
        return Shown.escaped(text.strip().replaceAll("\\R\\s*", " "));
    }
}
