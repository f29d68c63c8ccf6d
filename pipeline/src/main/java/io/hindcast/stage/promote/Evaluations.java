package io.hindcast.stage.promote;

import io.hindcast.config.Settings;
import io.hindcast.judge.Gain;
import io.hindcast.promote.Candidate;
import io.hindcast.promote.Evidence;
import io.hindcast.promote.PolicyVersion;
import io.hindcast.table.RunsTable;
import io.hindcast.table.Snapshot;
import io.hindcast.table.TableName;
import io.hindcast.table.TableRows;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the episodes tell that policies played, by each the same ones. */
final class Evaluations implements Told {
    /** What stands in the place of an estimator. */
    private static final String PLAYED = "played";

    private static final String SEVERAL = "several";

    private final Warehouse warehouse;
    private final Snapshot there;
    private final TableVersion version;
    private final PromoteConfig config;
    private final Map<Place, Map<Integer, Double>> returns = new TreeMap<>();

    /** The SHA-256 of the state that played there, as far as it was noted; of several ones {@value #SEVERAL}. */
    private final Map<Place, String> states = new TreeMap<>();

    /** A checkpoint. */
    private record Place(String run, long step) implements Comparable<Place> {
        @Override
        public int compareTo(Place other) {
            return run.equals(other.run) ? Long.compare(step, other.step) : run.compareTo(other.run);
        }
    }

    Evaluations(Warehouse warehouse, Snapshot there, TableVersion version, PromoteConfig config) {
        this.warehouse = warehouse;
        this.there = there;
        this.version = version;
        this.config = config;
        TableRows.forEach(
                warehouse, version, List.of("run_id", "step", "episode", "episode_return", "checkpoint_state"), row -> {
                    var place = new Place(row.getString(0), row.getLong(1));
                    returns.computeIfAbsent(place, any -> new TreeMap<>()).put(row.getInt(2), row.getDouble(3));
                    if (!row.isNullAt(4)) {
                        states.merge(place, row.getString(4), (one, other) -> one.equals(other) ? one : SEVERAL);
                    }
                });
    }

    @Override
    public List<String> estimators() {
        return List.of(PLAYED);
    }

    @Override
    public Optional<String> objection(Optional<PolicyVersion> champion) {
        return champion.flatMap(acting -> {
            if (!returns.containsKey(place(acting))) {
                return Optional.of("the champion, " + acting + ", has no episodes in " + version
                        + "; give evaluate the registry and run it again");
            }
            return state(place(acting)).orElse(acting.sha256()).equals(acting.sha256())
                    ? Optional.empty()
                    : Optional.of("what played in " + version + " as the champion, " + acting
                            + ", is another checkpoint of that run than the registry keeps; train other seeds, or promote by"
                            + " estimates");
        });
    }

    private Optional<String> state(Place place) {
        return Optional.ofNullable(states.get(place));
    }

    private static Place place(PolicyVersion acting) {
        return new Place(acting.run(), acting.step());
    }

    @Override
    public List<Candidate> candidates(Optional<PolicyVersion> champion, Origins origins) {
        var names = new TreeMap<String, String>();
        RunsTable.kept(TableRows.of(warehouse, there.require(TableName.RUNS)))
                .forEach(run -> names.put(run.run(), run.name() + "-" + run.seed()));
        for (var name : config.candidates()) {
            if (!names.containsValue(name)) {
                throw Settings.unknown("policy", name, names.values(), " in promote.candidates");
            }
        }
        var reference = champion.map(acting -> returns.get(place(acting)));
        return returns.entrySet().stream()
                .filter(played -> names.containsKey(played.getKey().run()))
                .filter(played -> config.candidates().isEmpty()
                        || config.candidates()
                                .contains(names.get(played.getKey().run())))
                .filter(played -> champion.map(acting -> !place(acting).equals(played.getKey()))
                        .orElse(true))
                .map(played -> candidate(
                        played.getKey(),
                        String.valueOf(names.get(played.getKey().run())),
                        evidence(played.getValue(), reference),
                        origins))
                .toList();
    }

    private Candidate candidate(Place place, String name, Evidence evidence, Origins origins) {
        var sha256 =
                state(place).or(() -> origins.state(place.run(), place.step())).orElse("");
        var again = "played; remove " + warehouse.root() + "/" + TableName.EVALUATIONS + " and run evaluate again";
        return new Candidate(
                name,
                place.run(),
                place.step(),
                sha256,
                origins.objection(place.run(), place.step(), sha256, again).orElse(null),
                List.of(evidence));
    }

    private Evidence evidence(Map<Integer, Double> played, Optional<Map<Integer, Double>> reference) {
        var value = Gain.ofMean("", values(played));
        var gain = reference.isPresent() ? paired(played, reference.get()) : value.minus(Gain.ofMean("", logged()));
        var half = -new Gain("", 0, value.standardError(), 0).lowerBound(played.size(), (1 - config.confidence()) / 2);
        return new Evidence(
                PLAYED,
                played.size(),
                finite(value.value()),
                finite(value.value() - half),
                finite(value.value() + half),
                finite(gain.value()),
                finite(gain.standardError()),
                finite(gain.skewness()),
                reference.isPresent() && !reference.get().keySet().equals(played.keySet())
                        ? "it and the champion did not play the same episodes; run evaluate again"
                        : null);
    }

    /** Chance is the same in an episode of a number, whoever plays it. */
    private static Gain paired(Map<Integer, Double> played, Map<Integer, Double> reference) {
        var differences = played.entrySet().stream()
                .filter(episode -> reference.containsKey(episode.getKey()))
                .mapToDouble(episode -> episode.getValue() - Objects.requireNonNull(reference.get(episode.getKey())))
                .toArray();
        return Gain.ofMean("", differences);
    }

    private static double[] values(Map<Integer, Double> episodes) {
        return episodes.values().stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** The returns of the episodes as they were logged. */
    private double[] logged() {
        return TableRows.of(warehouse, there.require(TableName.EPISODES), "episode_return").stream()
                .mapToDouble(row -> row.getDouble(0))
                .toArray();
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }

    @Override
    public String reference(Optional<PolicyVersion> champion) {
        return champion.map(acting -> "the champion, " + acting).orElse("what was logged");
    }
}
