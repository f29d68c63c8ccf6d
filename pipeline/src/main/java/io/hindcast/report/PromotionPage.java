package io.hindcast.report;

import io.hindcast.promote.Evidence;
import io.hindcast.promote.PolicyVersion;
import io.hindcast.promote.Promotion;
import io.hindcast.promote.Verdict;
import io.hindcast.promote.Weighed;
import io.hindcast.report.chart.ForestPlot;
import io.hindcast.report.chart.ForestPlot.Kind;
import io.hindcast.report.chart.ForestPlot.Row;
import io.hindcast.report.chart.Numbers;
import io.hindcast.report.chart.Reference;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A decision about who acts, and those before it, as a page. */
public final class PromotionPage {
    private final Promotion promotion;
    private final List<PolicyVersion> versions;
    private final Page page;

    private PromotionPage(String registry, Promotion promotion, List<PolicyVersion> versions) {
        this.promotion = promotion;
        this.versions = versions;
        page = new Page(
                "Who acts: " + registry,
                promotion.verdict().word().toUpperCase(Locale.ROOT) + ": " + promotion.reason() + ". Champion before: "
                        + name(promotion.from()) + ", after: " + name(promotion.to()) + ".");
    }

    /**
     * The page, in UTF-8.
     *
     * @param registry its name
     * @param history of the registry, the newest last
     * @param versions of the registry
     */
    public static String html(
            String registry, Promotion promotion, List<Promotion> history, List<PolicyVersion> versions) {
        return new PromotionPage(registry, promotion, versions).write(history);
    }

    private String write(List<Promotion> history) {
        if (!promotion.candidates().isEmpty()) {
            writeCandidates();
        }
        page.heading("History");
        page.table("#No", "Time", "Verdict", "Champion before", "Champion after", "Reason", "Decided by", "Asked by");
        for (var i = history.size() - 1; i >= 0; i--) {
            var line = history.get(i);
            page.out().open("tr");
            page.number(Integer.toString(line.number()));
            page.word(seconds(line.time()));
            page.word(line.verdict().word());
            page.word(name(line.from()));
            page.word(name(line.to()));
            page.word(line.reason());
            page.word(line.by());
            page.word(line.askedBy());
            page.out().close();
        }
        page.endTable();
        page.heading("Versions");
        page.table("Version", "Since", "Run", "#Updates", "Learner", "Learned from", "SHA-256");
        for (var version : versions) {
            page.out().open("tr");
            page.word(version.toString());
            page.word(seconds(version.time()));
            page.word(version.run());
            page.number(Numbers.whole(version.step()));
            page.word(version.learner());
            page.word("transitions v" + version.dataset() + ", subset " + version.subset() + ", in " + version.out());
            page.word(version.sha256());
            page.out().close();
        }
        page.endTable();
        page.heading("Provenance");
        page.out().open("dl");
        fact("rule", rule());
        fact("transitions", promotion.datasetFingerprint());
        fact("told by", promotion.toldBy());
        fact("decided in", promotion.out());
        page.out().close();
        return page.html();
    }

    private String rule() {
        return promotion.margin() == null
                ? "by hand"
                : "a lower bound of the gain above " + promotion.margin() + ", by each of "
                        + String.join(", ", promotion.estimators()) + ", confidence " + promotion.confidence()
                        + " shared among " + promotion.candidates().size() + " candidates";
    }

    private void fact(String name, @Nullable String value) {
        page.out().leaf("dt", name).leaf("dd", value == null ? Numbers.ABSENT : value);
    }

    private void writeCandidates() {
        page.heading("Candidates");
        var rows = new ArrayList<Row>();
        for (var weighed : promotion.candidates()) {
            for (var e = 0; e < promotion.estimators().size(); e++) {
                rows.add(gain(weighed, e));
            }
        }
        if (!rows.isEmpty()) {
            page.figure(new ForestPlot(
                    "Gain, from what is sure to what is estimated",
                    "how much more an episode earns",
                    rows,
                    promotion.margin() == null ? List.of() : List.of(new Reference("margin", promotion.margin()))));
        }
        page.table(
                "Policy", "Verdict", "Estimator", "#Value", "#Gain", "#Error of the gain", "#Gain at least", "Reason");
        for (var weighed : promotion.candidates()) {
            for (var e = 0; e < promotion.estimators().size(); e++) {
                writeCandidate(weighed, e);
            }
        }
        page.endTable();
        page.soft(
                "Gain: how much more an episode earns than with the champion, or than what was logged where there is none, by"
                        + " the same episodes. A candidate is promoted if by every estimator the gain is sure to be more than "
                        + promotion.margin() + ".");
    }

    private Optional<Evidence> evidence(Weighed weighed, int e) {
        return weighed.candidate().evidence().stream()
                .filter(one -> one.estimator().equals(promotion.estimators().get(e)))
                .findFirst();
    }

    private static @Nullable Double bound(Weighed weighed, int e) {
        return e < weighed.bounds().size() ? weighed.bounds().get(e) : null;
    }

    private Row gain(Weighed weighed, int e) {
        var gain = evidence(weighed, e).map(Evidence::gain).orElse(null);
        var least = bound(weighed, e);
        return new Row(
                weighed.candidate().policy() + ", " + promotion.estimators().get(e),
                weighed.verdict() == Verdict.REFUSED ? Kind.REFUSED : Kind.ESTIMATE,
                gain == null ? Double.NaN : gain,
                least == null ? Double.NaN : least,
                gain == null ? Double.NaN : gain,
                e,
                List.of(),
                (least == null ? "" : "at least " + Numbers.plain(least) + ": ")
                        + weighed.verdict().word());
    }

    private void writeCandidate(Weighed weighed, int e) {
        var estimator = promotion.estimators().get(e);
        var evidence = evidence(weighed, e);
        page.out().open("tr");
        page.word(weighed.candidate().policy() + " after " + weighed.candidate().step());
        page.word(weighed.verdict().word());
        page.word(estimator);
        page.number(number(evidence.map(Evidence::value).orElse(null)));
        page.number(number(evidence.map(Evidence::gain).orElse(null)));
        page.number(number(evidence.map(Evidence::gainStdError).orElse(null)));
        page.number(number(bound(weighed, e)));
        page.word(e == 0 ? weighed.reason() : "");
        page.out().close();
    }

    private static String seconds(String time) {
        return Instant.parse(time).truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String number(@Nullable Double value) {
        return value == null ? Numbers.ABSENT : Numbers.plain(value);
    }

    private String name(@Nullable Integer number) {
        return versions.stream()
                .filter(version -> Objects.equals(version.number(), number))
                .findFirst()
                .map(PolicyVersion::toString)
                .orElse("none");
    }
}
