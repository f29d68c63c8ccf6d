package io.hindcast.report;

/**
 * A picture in SVG, to stand in an HTML page that carries {@link ReportPage}'s style: colours come from its variables, so
 * that a chart is readable on light and on dark ground. Details are tooltips ({@code <title>}).
 */
public sealed interface Chart permits LineChart, Histogram, StateMap, NoveltyMap {
    /** What the picture shows, in a few words. */
    String title();

    /** The picture as one {@code <svg>} element. */
    String svg();
}
