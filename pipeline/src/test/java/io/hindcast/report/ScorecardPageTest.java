package io.hindcast.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.data.Findings;
import io.hindcast.stats.CheckConfig;
import io.hindcast.stats.DatasetStats;
import io.hindcast.stats.DatasetStats.Ending;
import io.hindcast.stats.Drift;
import io.hindcast.stats.SampleLog;
import io.hindcast.stats.Scorecard;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class ScorecardPageTest {
    private static final DatasetStats.Rules RULES = new DatasetStats.Rules(0.99, List.of(), List.of(), -1, 1);

    @Test
    void thePageIsWellFormedAndNamesEverything() throws Exception {
        var page = page(log(3), "require = [enough-transitions]", null);

        var document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new InputSource(new StringReader(page.replaceFirst("<!DOCTYPE html>", ""))));
        assertThat(document.getElementsByTagName("h2").getLength()).isGreaterThan(5);
        assertThat(page)
                .contains("<h1>Scorecard of a &lt;log&gt;</h1>")
                .contains("<strong>enough-transitions (required)</strong>")
                .contains("<dt>episodes</dt><dd>2 terminated (66.7 %), 1 open (33.3 %)</dd>")
                .contains("<dt>reward</dt><dd>60 % are 0; values: 0 (6 times), 1 (2 times), 2 (2 times)</dd>")
                .contains("<td>constant; 0 % at the lower bound")
                .contains("<dt>fingerprint</dt><dd>abc</dd>");
        assertThat(page).doesNotContain("<h2>Drift</h2>", "http://", "https://", "NaN", "Infinity");
    }

    @Test
    void theConsoleSaysWhatThePageSays() {
        var card = card(log(3), "", null);
        var page = page(log(3), "", null);

        assertThat(ScorecardPage.inWords(card, Findings.NONE))
                .startsWith("10 transitions in 3 episodes; observations of 1 number, actions of 1 number.")
                .contains("episode length: mean 3.33 ± 0.943, median 4.00, from 2.00 to 4.00")
                .anyMatch(line -> line.startsWith("warning (enough-transitions): There are only 10 transitions"));
        for (var line : ScorecardPage.inWords(card, Findings.NONE).subList(1, 5)) {
            assertThat(page).contains("<dd>" + line.substring(line.indexOf(": ") + 2) + "</dd>");
        }
    }

    @Test
    void driftIsListedWithTheGreatestFirst() {
        var stats = log(3);
        var drift = Drift.between("out/before", log(1), "this dataset", stats);

        var page = page(stats, "", drift);
        assertThat(page).contains("<h2>Drift</h2>").contains("How this dataset is distributed, against out/before");
        var greatest = drift.greatest().get(0);
        assertThat(greatest.psi())
                .isGreaterThanOrEqualTo(drift.greatest().get(1).psi());
        assertThat(page).contains("<td>" + greatest.name() + "</td>");
    }

    @Test
    void whatIsNotFiniteIsNotDrawnAndTheRestIs() {
        // Earlier versions of hindcast published what environments said.
        var stats = new DatasetStats(RULES);
        SampleLog.episode("a", new double[] {1, 2, 3}, Ending.TERMINATED).forEach(step -> {
            step.nextObservation()[0] = Float.NaN;
            stats.add(step);
        });
        SampleLog.episode("b", new double[] {0, 1}, Ending.TERMINATED).forEach(stats::add);
        assertThat(page(stats, "", null))
                .contains(": not drawn, since some values are not finite")
                .contains("<figure>");
    }

    private static DatasetStats log(int episodes) {
        var stats = new DatasetStats(RULES);
        SampleLog.episode("a", new double[] {0, 0, 1, 2}, Ending.TERMINATED).forEach(stats::add);
        if (episodes > 1) {
            SampleLog.episode("b", new double[] {0, 0, 1, 2}, Ending.TERMINATED).forEach(stats::add);
            SampleLog.episode("c", new double[] {0, 0}, Ending.OPEN).forEach(stats::add);
        }
        return stats;
    }

    private static String page(DatasetStats stats, String checks, Drift drift) {
        return ScorecardPage.html("a <log>", card(stats, checks, drift), Findings.NONE, Map.of("fingerprint", "abc"));
    }

    private static Scorecard card(DatasetStats stats, String checks, Drift drift) {
        return new Scorecard(stats, drift, Settings.read(CheckConfig.class, ConfigFactory.parseString(checks), ""));
    }
}
