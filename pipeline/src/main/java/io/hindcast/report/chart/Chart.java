package io.hindcast.report.chart;

/**
 * A picture in SVG, to stand in an HTML page that carries {@link Style}: colours come from its variables, so
 * that a chart is readable on light and on dark ground. Details are tooltips ({@code <title>}).
 */
public sealed interface Chart
        permits LineChart, Histogram, StateMap, NoveltyMap, PathMap, SweepChart, ForestPlot, ScatterPlot, ProfileChart {
    /** What the picture shows, in a few words. */
    String title();

    /** The picture as one {@code <svg>} element. */
    String svg();

    /** The picture as an SVG file of its own: it carries its style, and is on light ground. */
    default String file() {
        var svg = svg();
        var head = svg.indexOf('>') + 1;
        return "<svg xmlns=\"http://www.w3.org/2000/svg\"" + svg.substring("<svg".length(), head) + "<style>"
                + Style.ofOnePicture() + "</style><rect class=\"ground\" width=\"100%\" height=\"100%\"/>"
                + svg.substring(head) + "\n";
    }
}
