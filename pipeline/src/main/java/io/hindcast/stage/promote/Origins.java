package io.hindcast.stage.promote;

import io.hindcast.config.UserException;
import io.hindcast.export.PolicyFolder;
import io.hindcast.promote.Candidate;
import io.hindcast.promote.PolicyVersion;
import io.hindcast.run.CheckpointStore;
import io.hindcast.stage.StageContext;
import io.hindcast.table.Input;
import io.hindcast.table.Registry;
import io.hindcast.table.RunsTable;
import io.hindcast.table.TableName;
import io.hindcast.table.TableRows;
import io.hindcast.table.TableVersion;
import io.hindcast.table.Warehouse;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;

/** Where candidates come from: runs of this output directory, or of another one. */
final class Origins {
    private final StageContext context;
    private final Warehouse warehouse;
    private final TableVersion transitions;
    private final CheckpointStore store;

    /** @param transitions by which they are judged */
    Origins(StageContext context, TableVersion transitions) {
        this.context = context;
        warehouse = context.warehouse();
        this.transitions = transitions;
        store = RunsTable.checkpoints(warehouse.root(), warehouse.hadoop());
    }

    /**
     * Why a run may not become champion, whatever its numbers; empty if it may.
     *
     * @param told what its state was compared with, and how another one is told of: {@code judged; run judge again}
     */
    Optional<String> objection(String run, long step, String sha256, String told) {
        try {
            if (!store.ref(run, step).state().equals(sha256)) {
                return Optional.of("its checkpoint is another one than was " + told);
            }
            return isOfHere(run) ? Optional.empty() : mayHaveSeen(run);
        } catch (IllegalStateException | UserException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /** The SHA-256 of the state of a checkpoint as it is now; empty if it is damaged, of which {@link #objection} tells. */
    Optional<String> state(String run, long step) {
        try {
            return Optional.of(store.ref(run, step).state());
        } catch (CheckpointStore.Damaged e) {
            return Optional.empty();
        }
    }

    private static boolean isOfHere(String run) {
        return !run.contains(Path.SEPARATOR);
    }

    /** Whether it may have learned from what it is judged by: of here judge itself says so. */
    private Optional<String> mayHaveSeen(String run) {
        var theirs = of(run).snapshot().require(TableName.TRANSITIONS);
        var seen =
                theirs.manifest().inputs().stream().map(Input::sha256).collect(Collectors.toCollection(HashSet::new));
        seen.retainAll(
                transitions.manifest().inputs().stream().map(Input::sha256).collect(Collectors.toSet()));
        var isSame =
                theirs.manifest().fingerprint().equals(transitions.manifest().fingerprint());
        return seen.isEmpty() && !isSame
                ? Optional.empty()
                : Optional.of("it may have learned from episodes that it is judged by: " + of(run).root()
                        + " was made from files that are in " + transitions
                        + " too; train it in this --out, on a part that judge.subset has not");
    }

    private Warehouse of(String run) {
        if (isOfHere(run)) {
            return warehouse;
        }
        var checkpoints = new Path(run).getParent();
        var out = checkpoints == null ? null : checkpoints.getParent();
        return new Warehouse(context.engine(), out == null ? "." : out.toString());
    }

    /**
     * Puts a candidate into a registry.
     *
     * @param number that it gets
     * @throws UserException if its run is not in the table of runs, or its files cannot be copied
     */
    PolicyVersion version(Registry registry, Candidate candidate, int number, String time) {
        var origin = of(candidate.run());
        var id = new Path(candidate.run()).getName();
        var there = origin.snapshot();
        var run = run(origin, there.require(TableName.RUNS), id);
        var folders = new TreeMap<String, List<String>>();
        var checkpoint = Registry.checkpoint(id, candidate.step());
        folders.put(
                checkpoint,
                RunsTable.checkpoints(origin.root(), origin.hadoop()).files(id, candidate.step()));
        var policies = new PolicyFolder(origin.root() + "/policies", origin.hadoop());
        if (policies.isOf(id, candidate.step())) {
            folders.put(Registry.policy(id, candidate.step()), policies.files(id));
        }
        var learned = there.find(TableName.TRANSITIONS);
        return new PolicyVersion(
                number,
                time,
                id,
                run.getAs("name"),
                run.<Long>getAs("seed"),
                candidate.step(),
                run.getAs("learner"),
                candidate.sha256(),
                checkpoint,
                registry.keep(folders),
                origin.location(),
                learned.map(TableVersion::number).orElse(null),
                learned.map(version -> version.manifest().fingerprint()).orElse(null),
                run.getAs("subset"),
                run.getAs("resolved_config"),
                candidate);
    }

    private static Row run(Warehouse origin, TableVersion runs, String id) {
        return TableRows.of(origin, runs).stream()
                .filter(row -> Objects.equals(row.getAs("run_id"), id))
                .findFirst()
                .orElseThrow(() -> new UserException("Cannot promote run " + id + ": it is not in " + runs + " of "
                        + origin.root() + "; run train there again"));
    }
}
