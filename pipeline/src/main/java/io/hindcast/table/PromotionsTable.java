package io.hindcast.table;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.hindcast.config.Json;
import io.hindcast.promote.Candidate;
import io.hindcast.promote.PolicyVersion;
import io.hindcast.promote.Promotion;
import io.hindcast.promote.Verdict;
import io.hindcast.promote.Weighed;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** The rows of the two tables of a registry: its history, and the policies that it keeps. */
final class PromotionsTable {
    private PromotionsTable() {}

    static @Nullable Object[] row(Promotion promotion) {
        var promised = promotion.promised();
        return new @Nullable Object[] {
            promotion.number(),
            promotion.time(),
            promotion.alias(),
            promotion.from(),
            promotion.to(),
            promotion.verdict().word(),
            promotion.reason(),
            promotion.by(),
            promotion.margin(),
            promotion.confidence(),
            Json.text(promotion.estimators()),
            Json.text(promotion.candidates()),
            promised == null ? null : promised.estimator(),
            promised == null ? null : promised.value(),
            promised == null ? null : promised.low(),
            promised == null ? null : promised.high(),
            promotion.askedBy(),
            promotion.out(),
            promotion.toldBy(),
            promotion.datasetFingerprint(),
            promotion.request()
        };
    }

    static Promotion promotion(Row row) {
        var promiser = row.<@Nullable String>getAs("promised_estimator");
        return new Promotion(
                row.<Integer>getAs("number"),
                row.getAs("time"),
                row.getAs("alias"),
                row.<@Nullable Integer>getAs("from_version"),
                row.<@Nullable Integer>getAs("to_version"),
                Verdict.valueOf(row.<String>getAs("verdict").toUpperCase(Locale.ROOT)),
                row.getAs("reason"),
                row.getAs("by"),
                row.<@Nullable Double>getAs("margin"),
                row.<@Nullable Double>getAs("confidence"),
                read(row.getAs("estimators"), new TypeReference<List<String>>() {}),
                read(row.getAs("candidates"), new TypeReference<List<Weighed>>() {}),
                promiser == null
                        ? null
                        : new Promotion.Promise(
                                promiser,
                                row.<@Nullable Double>getAs("promised_value"),
                                row.<@Nullable Double>getAs("promised_low"),
                                row.<@Nullable Double>getAs("promised_high")),
                row.getAs("asked_by"),
                row.getAs("out"),
                row.<@Nullable String>getAs("told_by"),
                row.<@Nullable String>getAs("dataset_fingerprint"),
                row.getAs("request_key"));
    }

    static @Nullable Object[] row(PolicyVersion version) {
        return new @Nullable Object[] {
            version.number(),
            version.time(),
            version.run(),
            version.name(),
            version.seed(),
            version.step(),
            version.learner(),
            version.sha256(),
            version.checkpoint(),
            Json.text(version.files()),
            version.out(),
            version.dataset(),
            version.datasetFingerprint(),
            version.subset(),
            version.configuration(),
            Json.text(version.candidate())
        };
    }

    static PolicyVersion version(Row row) {
        return new PolicyVersion(
                row.<Integer>getAs("number"),
                row.getAs("time"),
                row.getAs("run_id"),
                row.getAs("name"),
                row.<Long>getAs("seed"),
                row.<Long>getAs("step"),
                row.getAs("learner"),
                row.getAs("sha256"),
                row.getAs("checkpoint"),
                read(row.getAs("files"), new TypeReference<Map<String, PolicyVersion.KeptFile>>() {}),
                row.getAs("out"),
                row.<@Nullable Integer>getAs("dataset_version"),
                row.<@Nullable String>getAs("dataset_fingerprint"),
                row.getAs("subset"),
                row.getAs("configuration"),
                read(row.getAs("candidate"), new TypeReference<Candidate>() {}));
    }

    private static <T> T read(String json, TypeReference<T> type) {
        try {
            return Json.MAPPER.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Cannot read a registry: " + json + " is not what promote writes", e);
        }
    }
}
