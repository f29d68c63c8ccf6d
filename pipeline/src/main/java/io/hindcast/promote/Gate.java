package io.hindcast.promote;

import io.hindcast.judge.Estimate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The rule of promotion. A candidate is better than the champion if by every estimator that is asked
 *
 * <pre>
 * gain - t(1 - alpha / K) * error &gt; margin        alpha = 1 - confidence
 * </pre>
 *
 * where the gain is paired, of the same episodes, the bound is corrected for its skewness, and K is the number of candidates: the best
 * of many looks good by luck (Bonferroni). Of those that are, the one with the greatest least bound wins.
 *
 * @param estimators that must agree
 * @param margin by how much more it must earn, in units of return
 * @param confidence that no worse policy is promoted, 0.5 to 1
 */
public record Gate(List<String> estimators, double margin, double confidence) {

    /** Applies it. */
    public Decision decide(List<Candidate> candidates, String champion) {
        if (candidates.isEmpty()) {
            return new Decision(Verdict.KEPT, "there is no other policy than " + champion, null, List.of());
        }
        var alpha = (1 - confidence) / candidates.size();
        var all = candidates.stream()
                .map(candidate -> weigh(candidate, alpha, champion))
                .toList();
        var best = all.stream()
                .filter(weighed -> weighed.verdict() == Verdict.PROMOTED)
                .max(Comparator.comparing(Weighed::least))
                .orElse(null);
        if (best != null) {
            return new Decision(Verdict.PROMOTED, best.reason(), best.candidate(), others(all, best));
        }
        var verdict =
                all.stream().anyMatch(weighed -> weighed.verdict() == Verdict.KEPT) ? Verdict.KEPT : Verdict.REFUSED;
        var nearest = all.stream()
                .filter(weighed -> weighed.verdict() == verdict)
                .max(Comparator.comparing(Weighed::least))
                .orElseThrow();
        return new Decision(verdict, nearest.reason(), null, all);
    }

    private static List<Weighed> others(List<Weighed> all, Weighed best) {
        return all.stream()
                .map(weighed -> weighed.equals(best) || weighed.verdict() != Verdict.PROMOTED
                        ? weighed
                        : new Weighed(
                                weighed.candidate(),
                                Verdict.KEPT,
                                weighed.reason() + "; " + best.candidate().policy() + " is ahead of it",
                                weighed.bounds()))
                .toList();
    }

    private Weighed weigh(Candidate candidate, double alpha, String champion) {
        var asked = new ArrayList<Evidence>();
        for (var estimator : estimators) {
            candidate.evidence().stream()
                    .filter(evidence -> evidence.estimator().equals(estimator))
                    .findFirst()
                    .ifPresent(asked::add);
        }
        var bounds = new ArrayList<@Nullable Double>();
        asked.forEach(evidence -> bounds.add(evidence.lowerBound(alpha)));
        var objection = objection(candidate, asked, bounds);
        if (objection != null) {
            return new Weighed(candidate, Verdict.REFUSED, candidate.policy() + ": " + objection, bounds);
        }
        var isBetter = bounds.stream().allMatch(bound -> Objects.requireNonNull(bound) > margin);
        if (!isBetter) {
            return new Weighed(
                    candidate,
                    Verdict.KEPT,
                    candidate.policy() + " is not sure to earn " + inWords(margin) + " more than " + champion + ": "
                            + told(asked, bounds),
                    bounds);
        }
        // A gain that a few episodes decide is not sure, however large it seems.
        var lopsided = asked.stream()
                .filter(evidence ->
                        Math.abs(Objects.requireNonNull(evidence.gainSkewness())) > Estimate.LARGEST_SKEWNESS)
                .findFirst();
        return lopsided.isPresent()
                ? new Weighed(
                        candidate,
                        Verdict.REFUSED,
                        String.format(
                                Locale.ROOT,
                                "%s: a few episodes decide how much more it earns than %s: by %s the skewness is %.2f, and"
                                        + " bounds hold up to %.1f",
                                candidate.policy(),
                                champion,
                                lopsided.get().estimator(),
                                lopsided.get().gainSkewness(),
                                Estimate.LARGEST_SKEWNESS),
                        bounds)
                : new Weighed(
                        candidate,
                        Verdict.PROMOTED,
                        candidate.policy() + " earns more than " + champion + ": " + told(asked, bounds),
                        bounds);
    }

    private @Nullable String objection(Candidate candidate, List<Evidence> asked, List<@Nullable Double> bounds) {
        if (candidate.objection() != null) {
            return candidate.objection();
        }
        if (asked.size() < estimators.size()) {
            return "it is not judged by all of " + String.join(", ", estimators);
        }
        for (var i = 0; i < asked.size(); i++) {
            var evidence = asked.get(i);
            if (evidence.objection() != null) {
                return "by " + evidence.estimator() + " " + evidence.objection();
            }
            if (bounds.get(i) == null) {
                return "by " + evidence.estimator() + " nothing tells how much more it earns";
            }
        }
        return null;
    }

    private static String told(List<Evidence> asked, List<@Nullable Double> bounds) {
        var words = new ArrayList<String>();
        for (var i = 0; i < asked.size(); i++) {
            words.add("by " + asked.get(i).estimator() + " "
                    + inWords(Objects.requireNonNull(asked.get(i).gain())) + " more, at least "
                    + inWords(Objects.requireNonNull(bounds.get(i))));
        }
        return words.stream().collect(Collectors.joining(", "));
    }

    private static String inWords(double number) {
        return String.format(Locale.ROOT, "%.4g", number);
    }
}
