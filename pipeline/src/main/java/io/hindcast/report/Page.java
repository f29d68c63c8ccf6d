package io.hindcast.report;

import io.hindcast.report.chart.Chart;
import io.hindcast.report.chart.Markup;
import io.hindcast.report.chart.Style;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.apache.commons.lang3.StringUtils;

/** One HTML file that needs nothing from anywhere: pictures and a small script are in it, and it can be read without the script. */
final class Page {
    /** What is longer is shown without its middle. */
    static final int LONGEST_NAME = 64;

    static final int LONGEST_PATH = 40;

    private final Markup out = new Markup();
    private boolean hasControls;

    Page(String title, String lead) {
        out.open("html", "lang", "en").open("head");
        out.empty("meta", "charset", "utf-8");
        out.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        out.leaf("title", title);
        out.leaf("style", style()).close().line();
        out.open("body").open("main").line();
        out.leaf("h1", title);
        out.leaf("p", lead, "class", "lead").line();
    }

    /** What is written is written here. */
    Markup out() {
        return out;
    }

    /** The page, in UTF-8; nothing can be added any more. */
    String html() {
        if (hasControls) {
            out.script(resource("curves.js")).line();
        }
        return "<!DOCTYPE html>\n" + out.close().close().close() + "\n";
    }

    void heading(String text) {
        out.line().leaf("h2", text).line();
    }

    void soft(String text) {
        out.leaf("p", text, "class", "soft").line();
    }

    void figure(Chart chart) {
        out.open("figure").chart(chart).close();
    }

    /** The cell of a name, which may be long. */
    void name(String text) {
        out.open("td", "class", "long");
        shortened(text, LONGEST_NAME);
        out.close();
    }

    /** The cell of a path or an id. */
    void path(String text) {
        out.open("td", "class", "long id").open("code");
        shortened(text, LONGEST_PATH);
        out.close().close();
    }

    /** A long text without its middle, which is told where one points at it. */
    void shortened(String text, int longest) {
        var shown = StringUtils.abbreviateMiddle(text, "…", longest);
        if (shown.equals(text)) {
            out.text(text);
        } else {
            out.leaf("span", shown, "title", text);
        }
    }

    /** Links one after the other. */
    void links(List<Links.Link> links) {
        for (var i = 0; i < links.size(); i++) {
            out.text(i == 0 ? "" : " · ");
            out.leaf("a", links.get(i).words(), "href", links.get(i).href());
        }
    }

    /** Where the script puts what smooths curves and shows single seeds. */
    void controls() {
        hasControls = true;
        out.leaf("div", "", "class", "controls", "hidden", "hidden").line();
    }

    /** Begins a table; a heading that starts with # stands over numbers. */
    void table(String... names) {
        out.open("div", "class", "scroll").open("table");
        header(names);
    }

    /** The headings of a table. */
    void header(String... names) {
        out.open("thead").open("tr");
        for (var name : names) {
            var isNumber = name.startsWith("#");
            out.leaf("th", isNumber ? name.substring(1) : name, "class", isNumber ? "number" : "word");
        }
        out.close().close().line();
    }

    void endTable() {
        out.close().close().line();
    }

    void word(String text) {
        out.leaf("td", text);
    }

    void number(String text) {
        out.leaf("td", text, "class", "number");
    }

    /** The style of a page and of the pictures in it. */
    static String style() {
        return Style.colors() + resource("page.css") + Style.pictures();
    }

    private static String resource(String name) {
        // Through this class: a cluster keeps the job's jar in a class loader of its own.
        try (var file = Objects.requireNonNull(Page.class.getResourceAsStream(name), name)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
