package io.hindcast.stage;

import com.fasterxml.jackson.core.JacksonException;
import io.hindcast.config.Json;
import io.hindcast.stats.Check;
import io.hindcast.stats.CheckConfig;
import io.hindcast.stats.Scorecard;
import io.hindcast.table.Snapshot;
import io.hindcast.table.TableName;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import java.util.List;
import java.util.Optional;

/**
 * What {@code stats} leaves of the checks that a dataset must pass, {@code OUT/stats/checks.json}.
 *
 * @param transitions the fingerprint of what was checked
 * @param required the checks that must hold
 * @param failures of these
 */
public record RequiredChecks(String transitions, List<String> required, List<Failure> failures) {
    /** Where it is. */
    public static final String FOLDER = "stats";

    /** The file there. */
    public static final String FILE = "checks.json";

    /** A check that does not hold, and why. */
    public record Failure(String check, String text) {}

    /** Those of a scorecard. */
    public static RequiredChecks of(TableVersion transitions, CheckConfig checks, Scorecard scorecard) {
        return new RequiredChecks(
                transitions.manifest().fingerprint(),
                checks.require().stream().map(Check::toString).toList(),
                scorecard.failures().stream()
                        .map(failure -> new Failure(failure.check().toString(), failure.text()))
                        .toList());
    }

    /** For programs. */
    public String json() {
        return Json.lines(this) + "\n";
    }

    /**
     * Why a dataset does not pass the checks that it must; empty if it does, or none was asked for.
     *
     * @param transitions of {@code there}
     */
    public static Optional<String> objection(Warehouse warehouse, Snapshot there, TableVersion transitions) {
        var text = new ReportFolder(warehouse.root(), FOLDER, FILE, warehouse.hadoop()).text(FILE);
        var again = "; run stats with --out " + warehouse.root() + " again";
        if (text.isEmpty()) {
            return there.find(TableName.DATASET_STATS)
                    .map(version -> version + " does not say which checks must hold" + again);
        }
        try {
            var checks = Json.MAPPER.readValue(text.get(), RequiredChecks.class);
            if (checks.required().isEmpty()) {
                return Optional.empty();
            }
            if (!checks.transitions().equals(transitions.manifest().fingerprint())) {
                return Optional.of(
                        "the checks that must hold were made of other transitions than " + transitions + again);
            }
            return checks.failures().stream()
                    .findFirst()
                    .map(failure -> "check " + failure.check() + " failed: " + failure.text());
        } catch (JacksonException e) {
            return Optional.of(FILE + " is not what stats writes" + again);
        }
    }
}
