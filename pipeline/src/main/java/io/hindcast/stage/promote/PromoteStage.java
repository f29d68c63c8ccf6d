package io.hindcast.stage.promote;

import io.hindcast.config.UserException;
import io.hindcast.promote.Candidate;
import io.hindcast.promote.Decision;
import io.hindcast.promote.Gate;
import io.hindcast.promote.PolicyVersion;
import io.hindcast.promote.Promotion;
import io.hindcast.promote.RegistryConfig;
import io.hindcast.promote.Verdict;
import io.hindcast.report.PromotionJson;
import io.hindcast.report.PromotionPage;
import io.hindcast.stage.ReportFolder;
import io.hindcast.stage.RequiredChecks;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.StageResult;
import io.hindcast.stage.Turn;
import io.hindcast.stage.promote.PromoteConfig.By;
import io.hindcast.table.Manifest;
import io.hindcast.table.Registry;
import io.hindcast.table.Request;
import io.hindcast.table.Snapshot;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.hadoop.security.UserGroupInformation;
import org.jspecify.annotations.Nullable;

/** Decides by published tables whether another policy becomes champion, and writes that into a registry. It starts no Spark. */
public final class PromoteStage {
    private static final String PAGE = "decision.html";
    private static final String BY_HAND = "hand";

    private final StageContext context;
    private final PromoteConfig config;
    private final Warehouse warehouse;
    private final Registry registry;
    private final Mirrored mirrored;
    private final ReportFolder folder;

    private PromoteStage(StageContext context, RegistryConfig registry, MlflowConfig mlflow, PromoteConfig config) {
        this.context = context;
        this.config = config;
        warehouse = context.warehouse();
        this.registry = new Registry(context.engine(), registry);
        mirrored = new Mirrored(context, mlflow, this.registry);
        folder = new ReportFolder(warehouse.root(), "promote", PAGE, warehouse.hadoop());
    }

    /**
     * Adds a row to the registry's {@code promotions}, and publishes {@code promote/decision.json} and {@code promote/decision.html}. The
     * same question is answered once.
     *
     * @param registry null if none is named
     * @param mlflow where the registry is shown too, if at all
     * @return with a problem if all candidates are refused
     * @throws UserException if there is no registry, or nothing tells of candidates
     */
    public static StageResult run(
            StageContext context, @Nullable RegistryConfig registry, MlflowConfig mlflow, PromoteConfig config) {
        if (registry == null) {
            throw new UserException(
                    "Cannot promote: no registry is named; add registry { directory = DIRECTORY } to the"
                            + " conf file or give --set registry.directory=DIRECTORY");
        }
        return Turn.of(
                context,
                "promote",
                "promote",
                Map.of(),
                () -> new PromoteStage(context, registry, mlflow, config).run());
    }

    private StageResult run() {
        return config.to() == null ? byNumbers() : byHand(config.to());
    }

    private StageResult byNumbers() {
        var there = warehouse.snapshot();
        var transitions = there.require(TableName.TRANSITIONS);
        var table = there.require(config.by() == By.ESTIMATES ? TableName.ESTIMATES : TableName.EVALUATIONS);
        var checks = RequiredChecks.objection(warehouse, there, transitions);
        var request = request(there, table, checks).key();
        var state = registry.state();
        if (state.promotions().isEmpty()) {
            tellOthers();
        }
        var answered = state.answered(request);
        if (answered.isPresent()) {
            return finish(answered.get());
        }
        var told = config.by() == By.ESTIMATES
                ? new Estimates(warehouse, table, config)
                : new Evaluations(warehouse, there, table, config);
        var gate = new Gate(told.estimators(), config.margin(), config.confidence());
        var origins = new Origins(context, transitions);
        return finish(registry.append(now -> {
            var champion = now.champion();
            var decision = checks.or(() -> told.objection(champion))
                    .map(Decision::refused)
                    .orElseGet(() -> gate.decide(told.candidates(champion, origins), told.reference(champion)));
            return entry(now, decision, gate, origins, table, transitions, request);
        }));
    }

    /** A name that is mistyped begins a registry of its own. */
    private void tellOthers() {
        var others = registry.others();
        if (!others.isEmpty()) {
            context.progress()
                    .say("[promote] registry " + registry.name() + " is new; beside it there is already "
                            + String.join(", ", others));
        }
    }

    private Request request(Snapshot there, TableVersion table, Optional<String> checks) {
        var parents = new ArrayList<Manifest.Parent>();
        parents.add(table.asParent());
        for (var other : List.of(TableName.TRANSITIONS, TableName.RUNS)) {
            there.find(other).ifPresent(version -> parents.add(version.asParent()));
        }
        var configuration = config.decisive();
        // The same rows may have been asked of another champion.
        configuration.put("told-by", table.manifest().requestKey());
        configuration.put("checks", checks.orElse("none failed"));
        return new Request("promote", configuration, parents, List.of());
    }

    private Registry.Entry entry(
            Registry.State now,
            Decision decision,
            Gate gate,
            Origins origins,
            TableVersion table,
            TableVersion transitions,
            String request) {
        var time = Instant.now().toString();
        var from = now.champion().map(PolicyVersion::number).orElse(null);
        var winner = decision.winner();
        var known = winner == null
                ? Optional.<PolicyVersion>empty()
                : now.versions().stream()
                        .filter(version -> version.sha256().equals(winner.sha256()))
                        .findFirst();
        var brought = winner == null || known.isPresent()
                ? null
                : origins.version(registry, winner, now.versions().size() + 1, time);
        var to = winner == null
                ? from
                : known.map(PolicyVersion::number)
                        .orElseGet(() -> Objects.requireNonNull(brought).number());
        return new Registry.Entry(
                new Promotion(
                        now.promotions().size() + 1,
                        time,
                        Promotion.CHAMPION,
                        from,
                        to,
                        decision.verdict(),
                        decision.reason(),
                        config.by().word(),
                        config.margin(),
                        config.confidence(),
                        gate.estimators(),
                        decision.candidates(),
                        winner == null
                                ? null
                                : promise(winner, gate.estimators().get(0)),
                        askedBy(),
                        warehouse.location(),
                        table.manifest().requestKey(),
                        transitions.manifest().fingerprint(),
                        request),
                brought);
    }

    private static Promotion.Promise promise(Candidate winner, String estimator) {
        return winner.evidence().stream()
                .filter(evidence -> evidence.estimator().equals(estimator))
                .map(evidence -> new Promotion.Promise(estimator, evidence.value(), evidence.low(), evidence.high()))
                .findFirst()
                .orElseThrow();
    }

    private String askedBy() {
        if (config.askedBy() != null) {
            return config.askedBy();
        }
        try {
            return UserGroupInformation.getCurrentUser().getShortUserName();
        } catch (IOException e) {
            return "unknown";
        }
    }

    private StageResult byHand(int to) {
        var state = registry.state();
        var last = state.promotions().isEmpty()
                ? null
                : state.promotions().get(state.promotions().size() - 1);
        if (last != null && Objects.equals(last.to(), to)) {
            return last.by().equals(BY_HAND)
                    ? finish(last)
                    : new StageResult(true, "v" + to + " is champion already: nothing to do", List.of());
        }
        return finish(registry.append(now -> {
            var version = now.version(to).orElseThrow(() -> noSuch(to, now));
            var number = now.promotions().size() + 1;
            return new Registry.Entry(
                    new Promotion(
                            number,
                            Instant.now().toString(),
                            Promotion.CHAMPION,
                            now.champion().map(PolicyVersion::number).orElse(null),
                            to,
                            Verdict.PROMOTED,
                            version + " was chosen by hand",
                            BY_HAND,
                            null,
                            null,
                            List.of(),
                            List.of(),
                            null,
                            askedBy(),
                            warehouse.location(),
                            null,
                            null,
                            new Request("promote", Map.of("to", to, "promotion", number), List.of(), List.of()).key()),
                    null);
        }));
    }

    private UserException noSuch(int to, Registry.State now) {
        return new UserException("Cannot promote version " + to + ": registry " + registry.name()
                + (now.versions().isEmpty()
                        ? " has none yet; run promote without promote.to first"
                        : " has versions 1 to " + now.versions().size() + "; give one of them"));
    }

    /** Says who acts now, and does what a process that was killed after the decision left to do. */
    private StageResult finish(Promotion promotion) {
        var state = registry.state();
        var acts = state.champion().map(PolicyVersion::number).orElse(null);
        var shown = new Request(
                "promote",
                Map.of("registry", registry.location(), "decision", promotion.request()),
                List.of(),
                List.of());
        var problems =
                promotion.verdict() == Verdict.REFUSED ? List.of("refused: " + promotion.reason()) : List.<String>of();
        var summary = promotion.verdict().word() + ": " + promotion.reason() + "; champion of " + registry.name() + ": "
                + (acts == null ? "none" : "v" + acts)
                + (Objects.equals(acts, promotion.to())
                        ? ""
                        : ", by a later decision than this one, number " + promotion.number());
        // A page of this directory's later decision stays.
        if (folder.holds(shown) || !state.isLastOf(promotion)) {
            return new StageResult(true, summary + " (decided already: nothing to do)", problems);
        }
        folder.publish(
                shown,
                Map.of(
                        PAGE,
                        PromotionPage.html(registry.name(), promotion, state.promotions(), state.versions()),
                        "decision.json",
                        PromotionJson.json(registry.location(), promotion, state.promotions(), state.versions())));
        promotion
                .candidates()
                .forEach(weighed ->
                        context.progress().say("[promote] " + weighed.verdict().word() + ": " + weighed.reason()));
        context.progress().say("[promote] " + folder.page());
        mirrored.show(state, promotion);
        return new StageResult(false, summary, problems);
    }
}
