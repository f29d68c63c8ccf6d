package io.hindcast.stage.promote;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.judge.EstimatorName;
import io.hindcast.judge.Judgement;
import io.hindcast.promote.Candidate;
import io.hindcast.promote.Evidence;
import io.hindcast.promote.PolicyVersion;
import io.hindcast.promote.Promotion;
import io.hindcast.table.TableRows;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** What the table {@code estimates} says of policies. */
final class Estimates implements Told {
    /** Those that use rewards, in the order in which two are taken: one around a model where there is one, and one without. */
    static final List<EstimatorName> PREFERRED = List.of(
            EstimatorName.WDR,
            EstimatorName.WPDIS,
            EstimatorName.DR,
            EstimatorName.PDIS,
            EstimatorName.WIS,
            EstimatorName.IS);

    private final TableVersion version;
    private final PromoteConfig config;
    private final List<Row> rows;

    Estimates(Warehouse warehouse, TableVersion version, PromoteConfig config) {
        this.version = version;
        this.config = config;
        rows = TableRows.of(warehouse, version).stream()
                .filter(row -> row.<@Nullable String>getAs("group") == null)
                .toList();
    }

    @Override
    public List<String> estimators() {
        var used = rows.stream()
                .map(row -> row.<String>getAs("estimator"))
                .distinct()
                .toList();
        if (!config.estimators().isEmpty()) {
            return required(used);
        }
        var two = PREFERRED.stream()
                .map(EstimatorName::word)
                .filter(used::contains)
                .limit(2)
                .toList();
        if (two.size() < 2) {
            throw new UserException("Cannot promote by " + version + ": judge used " + String.join(", ", used)
                    + ", and two estimators that use the rewards must agree; leave judge.estimators out, or name two of"
                    + " them in promote.estimators");
        }
        return two;
    }

    /** Those that are asked for, all of which must be there. */
    private List<String> required(List<String> used) {
        var asked = config.estimators().stream().map(EstimatorName::word).toList();
        var missing = asked.stream().filter(word -> !used.contains(word)).toList();
        if (!missing.isEmpty()) {
            throw new UserException("Cannot promote by " + String.join(", ", missing) + ": for " + version
                    + " judge used " + String.join(", ", used)
                    + "; name two of these in promote.estimators, or run judge"
                    + " with judge.estimators = " + asked);
        }
        return asked;
    }

    @Override
    public Optional<String> objection(Optional<PolicyVersion> champion) {
        var settings = version.manifest().configuration();
        var compared = settings.get(Promotion.CHAMPION);
        if (compared == null) {
            return Optional.of(version + " compares with what logged, since judge was told of no registry; give it"
                    + " registry { directory = … } and run it again");
        }
        if (!compared.equals(champion.map(PolicyVersion::sha256).orElse("none"))) {
            return Optional.of(version + " does not compare with "
                    + champion.map(PolicyVersion::toString).orElse("what logged")
                    + ", which acts by now; run judge again");
        }
        return "allow".equals(settings.get("own-episodes"))
                ? Optional.of("policies were judged by episodes that they may have learned from"
                        + " (judge.own-episodes = allow); judge by a subset that none learned from")
                : Optional.empty();
    }

    @Override
    public List<Candidate> candidates(Optional<PolicyVersion> champion, Origins origins) {
        var reference = new LinkedHashMap<String, Row>();
        var policies = new LinkedHashMap<List<Object>, List<Row>>();
        for (var row : rows) {
            if (row.getAs("policy").equals(Promotion.CHAMPION) && champion.isPresent()) {
                reference.put(row.getAs("estimator"), row);
            } else if (row.<@Nullable String>getAs("run_id") != null) {
                policies.computeIfAbsent(
                                List.of(row.getAs("policy"), row.getAs("run_id"), row.getAs("step")),
                                any -> new ArrayList<>())
                        .add(row);
            }
        }
        requireKnown(policies.keySet().stream().map(key -> (String) key.get(0)).toList());
        return policies.values().stream()
                .filter(of -> config.candidates().isEmpty()
                        || config.candidates().contains(of.get(0).<String>getAs("policy")))
                .map(of -> candidate(of, reference, origins))
                .filter(candidate -> champion.map(acting -> !acting.sha256().equals(candidate.sha256()))
                        .orElse(true))
                .toList();
    }

    private void requireKnown(List<String> names) {
        for (var name : config.candidates()) {
            if (!names.contains(name)) {
                throw Settings.unknown("policy", name, names, " in promote.candidates");
            }
        }
    }

    private Candidate candidate(List<Row> of, Map<String, Row> reference, Origins origins) {
        var name = of.get(0).<String>getAs("policy");
        var run = of.get(0).<String>getAs("run_id");
        var step = of.get(0).<Long>getAs("step");
        var sha256 = judged(name, step);
        return new Candidate(
                name,
                run,
                step,
                sha256,
                origins.objection(run, step, sha256, "judged; run judge again").orElse(null),
                of.stream()
                        .map(row -> evidence(row, reference.get(row.<String>getAs("estimator"))))
                        .toList());
    }

    /** The hash of the state that was judged. */
    private String judged(String name, long step) {
        return Optional.ofNullable(version.manifest().configuration().get("checkpoint-states"))
                .map(states -> ((Map<?, ?>) states).get(name + " " + step))
                .map(states -> String.valueOf(((List<?>) states).get(0)))
                .orElse("");
    }

    private static Evidence evidence(Row row, @Nullable Row reference) {
        return new Evidence(
                row.getAs("estimator"),
                row.<Long>getAs("episodes"),
                row.<@Nullable Double>getAs("value"),
                row.<@Nullable Double>getAs("interval_low"),
                row.<@Nullable Double>getAs("interval_high"),
                row.<@Nullable Double>getAs("gain"),
                row.<@Nullable Double>getAs("gain_std_error"),
                row.<@Nullable Double>getAs("gain_skewness"),
                Stream.concat(
                                objection(row, "it cannot be judged: ").stream(),
                                reference == null
                                        ? Stream.<String>empty()
                                        : objection(reference, "the champion cannot be judged: ").stream())
                        .findFirst()
                        .orElse(null));
    }

    private static Optional<String> objection(Row row, String beginning) {
        return row.<Boolean>getAs("usable")
                ? Optional.empty()
                : Optional.of(beginning + row.<@Nullable String>getAs("reason"));
    }

    @Override
    public String reference(Optional<PolicyVersion> champion) {
        return champion.map(version -> "the champion, " + version).orElse("what logged (" + Judgement.BEHAVIOUR + ")");
    }
}
