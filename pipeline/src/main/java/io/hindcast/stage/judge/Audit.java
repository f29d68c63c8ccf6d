package io.hindcast.stage.judge;

import io.hindcast.judge.Bootstrap;
import io.hindcast.judge.Is;
import io.hindcast.judge.LowerBoundName;
import io.hindcast.judge.policy.ClonedBehaviour;
import io.hindcast.judge.policy.JudgedPolicy;
import io.hindcast.judge.policy.PolicyValues;
import io.hindcast.promote.KeptPromise;
import io.hindcast.promote.PolicyVersion;
import io.hindcast.promote.Promotion;
import io.hindcast.table.Registry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Compares what champions were promised to earn with what they earned by their own log. */
final class Audit {
    private static final String FILE = "source_file";

    /** Each has sums of its own. */
    private static final int MOST_PARTS = 500;

    private final Registry.State state;
    private final double confidence;
    private final Map<Integer, Promotion> promised = new LinkedHashMap<>();

    /** By the promises of a registry; of a version that was promoted again the last one counts. */
    Audit(Registry.State state, double confidence) {
        this.state = state;
        this.confidence = confidence;
        for (var promotion : state.promotions()) {
            if (promotion.to() != null && promotion.promised() != null) {
                promised.put(promotion.to(), promotion);
            }
        }
    }

    /** What it rests on, for the request. */
    List<Object> promises() {
        return promised.values().stream()
                .<Object>map(promotion -> List.of(promotion.number(), promotion.request()))
                .toList();
    }

    /** The policy that is asked for what it earned. */
    static List<JudgedPolicy> policies() {
        return List.of(new JudgedPolicy.Behaviour());
    }

    static ClonedBehaviour clones() {
        return ClonedBehaviour.NONE;
    }

    /**
     * All that acted and were promised something: first each by the whole log, then by each of its files, in their order.
     *
     * @param files of the log, in the order in which they came
     * @param passes over the log, given what it is grouped by
     */
    List<KeptPromise> kept(String column, List<String> files, Function<List<String>, Passes> passes) {
        if (promised.isEmpty()) {
            return List.of();
        }
        var all = kept(passes.apply(List.of(column)), List.of());
        if (files.size() > 1 && files.size() * promised.size() <= MOST_PARTS) {
            all.addAll(kept(passes.apply(List.of(column, FILE)), files));
        }
        return all;
    }

    private List<KeptPromise> kept(Passes passes, List<String> files) {
        var bounds = new PolicyValues.Bounds(LowerBoundName.STUDENT_T, Double.NaN, Double.NaN);
        var values = passes.values(List.of(new Is()), bounds);
        var errors = passes.errors(values, Bootstrap.NONE, 0);
        var kept = new ArrayList<KeptPromise>();
        for (var group : values.groups()) {
            var promotion = group.isEmpty() ? null : promised.get(number(group.get(0)));
            if (promotion == null) {
                continue;
            }
            var earned = errors.estimates(group, 0, confidence).get(0);
            kept.add(new KeptPromise(
                    number(group.get(0)),
                    state.version(promotion.to()).map(Audit::name).orElse(""),
                    promotion.time(),
                    group.size() == 1 ? null : group.get(1),
                    Objects.requireNonNull(promotion.promised()),
                    earned.episodes(),
                    finite(earned.value()),
                    finite(earned.interval().low()),
                    finite(earned.interval().high())));
        }
        kept.sort(Comparator.comparing((KeptPromise one) -> one.part() == null ? -1 : files.indexOf(one.part()))
                .thenComparing(KeptPromise::version));
        return kept;
    }

    private static String name(PolicyVersion version) {
        return version.name() + "-" + version.seed();
    }

    /** What predict writes as policy_version; of what is none of ours a number that no version has. */
    private static int number(String text) {
        return text.matches("[1-9][0-9]{0,8}") ? Integer.parseInt(text) : 0;
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
