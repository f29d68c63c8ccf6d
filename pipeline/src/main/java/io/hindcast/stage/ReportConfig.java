package io.hindcast.stage;

import io.hindcast.config.Setting;
import io.hindcast.config.Settings;
import org.jspecify.annotations.Nullable;

/** What the report says beside what it finds in the tables. */
public record ReportConfig(
        @Setting(value = "hindcast report", meaning = "title of the page")
        String title,

        @Setting(
                value = "null",
                meaning =
                        "environment the data comes from, for the picture of its states; absent: what collect recorded")
        @Nullable String environment,

        @Setting(value = "0", meaning = "seed of the bootstrap intervals")
        long seed) {

    public ReportConfig {
        Settings.check(ReportConfig.class, title, environment, seed);
    }
}
