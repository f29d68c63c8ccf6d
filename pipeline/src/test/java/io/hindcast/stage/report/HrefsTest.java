package io.hindcast.stage.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HrefsTest {
    @Test
    void aLinkGoesUpToWhatBothHaveInCommon() {
        assertThat(Hrefs.relative("/o/a/report", "/o/a/judge/judge.html")).isEqualTo("../judge/judge.html");
        assertThat(Hrefs.relative("/o/a/compare", "/o/b/report/report.html")).isEqualTo("../../b/report/report.html");
        assertThat(Hrefs.relative("/o/compare", "/o/compare/a.html")).isEqualTo("a.html");
    }

    @Test
    void whatHasAMeaningInALinkIsWrittenInAnotherWay() {
        assertThat(Hrefs.relative("/o/a", "/o/b c/%20#1?/\u00fc")).isEqualTo("../b%20c/%2520%231%3F/%C3%BC");
        // A letter and its accent stay two signs, as some systems write names.
        assertThat(Hrefs.relative("/o/a", "/o/u\u0308+&")).isEqualTo("../u%CC%88%2B%26");
        // A name with a colon in the first place would be a scheme.
        assertThat(Hrefs.relative("/o", "/o/10:30")).isEqualTo("10%3A30");
    }

    @Test
    void onlyWhatIsThereIsLinked(@TempDir Path out) throws IOException {
        Files.createDirectories(out.resolve("policies/a"));
        var hrefs = new Hrefs(out + "/report", new Configuration());
        assertThat(hrefs.to(out + "/policies/a/")).contains("../policies/a/");
        assertThat(hrefs.to(out + "/policies/b/")).isEmpty();
    }
}
