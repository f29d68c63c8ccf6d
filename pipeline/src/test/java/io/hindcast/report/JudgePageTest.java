package io.hindcast.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.judge.Gain;
import io.hindcast.judge.Judgement;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JudgePageTest {
    private static final String NOT_USABLE = "few episodes decide";

    @Test
    void theFirstSentenceSaysWhatTheSurestPolicyEarnsAtLeastAndWhatWasLogged() {
        // -27.9 less three times 3.8.
        assertThat(SampleJudgement.html())
                .contains("<p class=\"lead\">iql-2 earns at least −39.3 an episode (95 % confidence, 8"
                        + " compared), what was logged earned −103.4. 2 of 8 policies cannot be judged by this log: the"
                        + " reasons stand below.</p>");
    }

    @Test
    void aPolicyThatMayEarnLessThanTheLogIsNotCalledBetter() {
        // 3.4 more than logged, give or take 10.
        assertThat(page(baseline("behaviour"), policy("iql-1", -100, 5, null)))
                .contains("No policy is sure to earn more than what was logged. The surest of the others is iql-1: it"
                        + " earns at least −115.0 an episode (95 % confidence, 2 compared), what was logged earned"
                        + " −103.4.</p>");
    }

    @Test
    void aLogThatTellsOfItselfAloneSaysSo() {
        assertThat(page(baseline("behaviour"), policy("iql-1", -100, 5, NOT_USABLE)))
                .contains("This log cannot tell what any policy but its own is worth: what was"
                        + " logged earned −103.4 an episode. 1 of 2 policies cannot be judged by this log");
    }

    @Test
    void ofManyPoliciesTheFirstAreDrawnAndAlwaysThoseToCompareWith() {
        var judgements = new ArrayList<Judgement>();
        judgements.add(baseline("uniform"));
        for (var i = 0; i < 70; i++) {
            judgements.add(policy("p" + i + "-1", -20 - i, 1, null));
        }
        assertThat(page(judgements.toArray(Judgement[]::new)))
                .contains("Drawn are the first of 71 policies; the table has all.")
                .contains(">p59-1</text>", ">uniform</text>")
                .doesNotContain(">p60-1</text>")
                .contains("<td>p69-1 after 50,000 updates</td>");
    }

    @Test
    void aReasonOfAnotherEstimatorIsSaidOnceWithAllWhomItConcerns() {
        assertThat(SampleJudgement.html())
                .containsOnlyOnce(
                        "few logs show how large the weights of whole episodes can be (behaviour, uniform, iql-1, ")
                .contains("<dt>iql-3</dt><dd>the effective sample size is 21.4 of 3000 episodes; at"
                        + " least 50 are needed</dd>");
    }

    @Test
    void policiesOfSeveralCheckpointsAreCalledWithTheirUpdates() {
        var last = policy("iql-1", -20, 1, null);
        var earlier = SampleJudgement.judgement("iql-1", 25_000, "wpdis", -30, 1, 200, null);
        assertThat(page(last, earlier))
                .contains(
                        "<p class=\"lead\">iql-1 after 50,000 updates earns at least",
                        ">iql-1 after 25,000 updates</text>");
    }

    @Test
    void everyEstimateSaysHowMuchMoreThanLoggedItIs() {
        var page = page(baseline("behaviour"), policy("iql-1", -28, 4, null));
        // -28 + 103.4, give or take twice 4.
        assertThat(page.substring(page.indexOf("Every estimate")))
                .contains("<th class=\"number\">more than logged</th>")
                .contains("<td class=\"number\">75.4 (67.4 to 83.4)</td>");
        assertThat(page).doesNotContain("more than behaviour");
    }

    @Test
    void whereAChampionActsTheRankingSaysHowMuchMoreThanItEachEarns() {
        var page = page(
                SampleJudgement.judgement("champion", 0, "wpdis", -30, 4, 200, new Gain("champion", 0, 0, 0), null),
                SampleJudgement.judgement("iql-1", 9, "wpdis", -28, 4, 200, new Gain("champion", 2, 0.5, 0), null));
        assertThat(page.substring(page.indexOf("Ranking"), page.indexOf("Every estimate")))
                .contains("<th class=\"number\">more than champion</th>")
                .contains("<td class=\"number\">2.00 ± 0.50</td>");
    }

    @Test
    void thePageIsWholeAndAsksForNothingFromOutside() throws Exception {
        var html = SampleJudgement.html();
        DocumentBuilderFactory.newDefaultInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(
                        html.replace("<!DOCTYPE html>", "").getBytes(StandardCharsets.UTF_8)));
        assertThat(html).doesNotContain("http", "src=", "href=", "url(", "<script", "NaN");
    }

    private static Judgement baseline(String name) {
        return SampleJudgement.judgement(name, "wpdis", -103.4, 5, 3000, null);
    }

    private static Judgement policy(String name, double value, double error, @Nullable String reason) {
        return SampleJudgement.judgement(name, "wpdis", value, error, 200, reason);
    }

    private static String page(Judgement... judgements) {
        var all = List.of(judgements);
        return JudgePage.html(all, Ranking.of(all, List.of()), Optional.empty(), Fitted.NOTHING, 0.95, Map.of());
    }
}
