package io.hindcast.report.chart;

/** A level to compare with, drawn as a dashed line across a chart; two can be told apart. */
public record Reference(String name, double value) {}
