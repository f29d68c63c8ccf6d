package io.hindcast.stage.report;

import io.hindcast.config.Address;
import io.hindcast.config.Gone;
import io.hindcast.config.Setting;
import io.hindcast.report.Figure;
import io.hindcast.report.Published;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The settings of the report, besides what it finds in the tables. */
@Gone(key = "seed", instead = "remove it: intervals are of Student's t, in which nothing is drawn")
public record ReportConfig(
        @Setting(value = "hindcast report", meaning = "title of the page")
        String title,

        @Setting(
                value = "null",
                meaning = "environment of the data, for pictures of its floor; null: what collect or evaluate recorded")
        @Nullable String environment,

        @Setting(
                value = "{}",
                meaning =
                        "published figures to compare results with, by the name of the run (or by \"NAME on SUBSET\"):"
                                + " { NAME { value = -13.4, source = \"…\", reach = -14.5 } }")
        Map<String, Published> published,

        @Setting(
                value = "[]",
                meaning =
                        "output directories whose results are set beside each other by task, as --compare names them: with any,"
                                + " the job writes compare/compare.html and compare.json in place of the report")
        List<Address> compare,

        @Setting(
                value = "null",
                meaning =
                        "the figure that compare compares by; null: the normalised score if all directories have it, or"
                                + " else the return")
        @Nullable Figure compareBy) {}
