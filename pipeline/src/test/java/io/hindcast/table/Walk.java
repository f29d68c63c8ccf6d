package io.hindcast.table;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.config.UserException;
import io.hindcast.data.Action;
import io.hindcast.data.Transition;
import io.hindcast.table.parquet.PartWriter;
import io.hindcast.table.parquet.RowHash;
import io.hindcast.timeline.Assembled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.SynchronousQueue;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * Two writers and a reader in one output directory, one step of the file system at a time, in an order that a seed decides. A writer
 * may be killed before any step that changes something. Each publishes as the jobs do, rows that tell what they were made from.
 */
final class Walk {
    private static final double KILLS = 0.01;
    private static final List<String> CHANGES = List.of("rename", "delete", "close", "mkdirs");

    private final Random random;
    private final Warehouse warehouse;
    private final MemoryFiles files;
    private final List<Actor> actors = new ArrayList<>();

    /** What is in each dataset that was written, by the name of its input. */
    private final Map<String, Map<TableName, String>> ofToken = new HashMap<>();
    /** What rows were made from, by table and fingerprint. */
    private final Map<String, String> madeFrom = new HashMap<>();

    private final Set<String> told = new TreeSet<>();
    private final Set<String> refused = new TreeSet<>();
    private final Set<String> failedRuns = new HashSet<>();
    private int tokens;

    Walk(long seed) {
        var name = "walk" + seed;
        random = new Random(seed);
        var spark = LocalSpark.session();
        MemoryFiles.register(spark.sparkContext().hadoopConfiguration());
        files = MemoryFiles.at(name);
        warehouse = new Warehouse(spark, "memory://" + name + "/out");
    }

    /** Ends the process that it is thrown in: nothing of it does anything any more. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    /** A process. */
    private final class Actor implements Runnable {
        private final Runnable work;
        private final SynchronousQueue<Boolean> turn = new SynchronousQueue<>();
        private final SynchronousQueue<String> reached = new SynchronousQueue<>();
        private final Thread thread = new Thread(this);
        private boolean isKilled;
        private @Nullable Throwable failure;

        /** What it is about to do; empty once it has ended. */
        private String next = "start";

        Actor(Runnable work) {
            this.work = work;
        }

        @Override
        public void run() {
            try {
                take();
                work.run();
            } catch (Killed e) {
                // As if it had never been.
            } catch (Throwable e) {
                failure = e;
            }
            put("");
        }

        /** Called by its own thread. */
        void before(String operation) {
            if (!isKilled) {
                put(operation);
                take();
            }
            if (isKilled) {
                throw new Killed();
            }
        }

        private void put(String operation) {
            try {
                reached.put(operation);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        private void take() {
            try {
                isKilled = turn.take();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        /** Called by the walk: lets it go on to its next step. */
        void go(boolean kill) throws InterruptedException {
            turn.put(kill);
            next = reached.take();
        }
    }

    void run() throws InterruptedException {
        for (var writer = 0; writer < 2; writer++) {
            var number = writer;
            var jobs = 3 + random.nextInt(4);
            var seed = random.nextLong();
            actors.add(new Actor(() -> write(number, jobs, new Random(seed))));
        }
        actors.add(new Actor(this::read));
        var threads = new HashMap<Thread, Actor>();
        actors.forEach(actor -> threads.put(actor.thread, actor));
        files.listener(operation -> {
            var actor = threads.get(Thread.currentThread());
            if (actor != null) {
                actor.before(operation);
            }
        });
        actors.forEach(actor -> actor.thread.start());
        while (true) {
            var running = actors.stream().filter(actor -> !actor.next.isEmpty()).toList();
            if (running.isEmpty()) {
                break;
            }
            var actor = running.get(random.nextInt(running.size()));
            var changes = CHANGES.contains(actor.next.split(" ", 2)[0]);
            // Often a long stretch of one, so that more than the beginning of a job meets the other.
            var steps = random.nextInt(4) == 0 ? 1 : 1 + random.nextInt(60);
            actor.go(changes && actor != actors.get(2) && random.nextDouble() < KILLS);
            for (var step = 1; step < steps && !actor.next.isEmpty(); step++) {
                actor.go(false);
            }
        }
        files.listener(operation -> {});
        for (var actor : actors) {
            if (actor.failure != null) {
                throw new AssertionError("a process failed: " + actor.failure, actor.failure);
            }
        }
        checkHistory();
        checkThatTheNextJobLeavesNothing();
        look();
    }

    private void write(int writer, int jobs, Random choice) {
        // Now and then they are of two minds.
        var configuration = Map.<String, Object>of("mind", choice.nextInt(4) == 0 ? writer : 7);
        for (var job = 0; job < jobs; job++) {
            try {
                switch (job == 0 ? 0 : choice.nextInt(6)) {
                    case 0, 1 -> append(choice.nextInt(3) > 0);
                    case 2 -> curate(configuration);
                    case 3 -> train(configuration, choice);
                    case 4 -> evaluate(configuration);
                    default -> describe();
                }
            } catch (UserException e) {
                // Another one was faster, or there is nothing to begin with yet.
                assertThat(e.getMessage())
                        .containsAnyOf(
                                "another writer published it first",
                                "came from another input or configuration",
                                "no version is published there",
                                "is there now; run",
                                "was published after this began");
            }
        }
    }

    /** As ingest and collect do. */
    private void append(boolean explores) {
        var token = "token" + tokens++;
        try (var publication = warehouse.begin(TableName.TRANSITIONS)) {
            var base = warehouse.snapshot().find(TableName.TRANSITIONS);
            try (var writer = new DatasetWriter(publication)) {
                var written = writer.write(dataset(token));
                var fingerprints = new EnumMap<TableName, String>(TableName.class);
                written.parts()
                        .forEach(part ->
                                fingerprints.put(part.table(), part.file().fingerprint()));
                var inputs = new ArrayList<Input>();
                base.ifPresent(version -> inputs.addAll(version.manifest().inputs()));
                inputs.add(new Input(token, 1, token));
                if (explores) {
                    fingerprints.put(TableName.NOVELTY, "");
                }
                ofToken.put(token, fingerprints);
                writer.publish(
                        written,
                        new Request("ingest", Map.of(), List.of(), inputs),
                        base,
                        explores
                                ? Map.of(TableName.NOVELTY, note(TableName.NOVELTY, token.hashCode(), token))
                                : Map.of());
                told.add(token);
            }
        } catch (UserException e) {
            refused.add(token);
            throw e;
        }
    }

    private void curate(Map<String, Object> configuration) {
        try (var publication = warehouse.begin(TableName.SUBSETS)) {
            var there = warehouse.snapshot();
            var episodes = there.require(TableName.EPISODES);
            var request = new Request(
                    "curate",
                    configuration,
                    List.of(there.require(TableName.TRANSITIONS).asParent(), episodes.asParent()),
                    List.of());
            if (publication.published(request).isPresent()) {
                return;
            }
            var source = episodes.manifest().fingerprint();
            publication.beside(
                    TableName.SUBSET_STEPS, request, note(TableName.SUBSET_STEPS, source.hashCode(), source));
            publication.publish(request, note(TableName.SUBSETS, source.hashCode(), source));
        }
    }

    private void train(Map<String, Object> configuration, Random choice) {
        var there = warehouse.snapshot();
        var transitions = there.require(TableName.TRANSITIONS);
        var subsets = there.require(TableName.SUBSETS);
        var request = new Request(
                "train",
                configuration,
                List.of(
                        transitions.asParent(),
                        subsets.asParent(),
                        there.require(TableName.SUBSET_STEPS).asParent()),
                List.of());
        if (isTrained(request)) {
            return;
        }
        var attempt = "attempt" + random.nextInt();
        try (var publication = warehouse.begin(TableName.RUNS)) {
            if (isTrained(request)) {
                return;
            }
            if (choice.nextBoolean()) {
                failedRuns.add(attempt);
            }
            publication.beside(TableName.METRICS, request, note(TableName.METRICS, attempt.hashCode(), attempt));
            publication.publish(request, note(TableName.RUNS, attempt.hashCode(), attempt));
        }
    }

    private boolean isTrained(Request request) {
        var runs = new UpToDate(warehouse).published(TableName.RUNS, request);
        return runs.isPresent()
                && warehouse.beside(runs.get(), TableName.METRICS).isPresent()
                && !failedRuns.contains(source(runs.get()));
    }

    private void evaluate(Map<String, Object> configuration) {
        try (var publication = warehouse.begin(TableName.EVALUATIONS)) {
            var runs = warehouse.snapshot().require(TableName.RUNS);
            var request = new Request("evaluate", configuration, List.of(runs.asParent()), List.of());
            if (publication.published(request).isEmpty()) {
                var source = runs.manifest().fingerprint();
                publication.publish(request, note(TableName.EVALUATIONS, source.hashCode(), source));
            }
        }
    }

    private void describe() {
        var transitions = warehouse.snapshot().require(TableName.TRANSITIONS);
        var source = transitions.manifest().fingerprint();
        var request = new Request("stats", Map.of(), List.of(transitions.asParent()), List.of());
        for (var table : List.of(TableName.DATASET_STATE, TableName.DATASET_STATS)) {
            warehouse.publish(table, request, note(table, source.hashCode(), source));
        }
    }

    /** A row that is made from something, which is written down. */
    private List<@Nullable Object[]> note(TableName table, long number, String source) {
        var fields = table.schema().fields();
        var row = new @Nullable Object[fields.length];
        for (var c = 0; c < fields.length; c++) {
            row[c] = fields[c].nullable()
                    ? null
                    : switch (fields[c].dataType().typeName()) {
                        case "string" -> source;
                        case "integer" -> (Object) (int) number;
                        case "long" -> number;
                        case "double" -> (double) number;
                        case "boolean" -> false;
                        case "binary" -> source.getBytes(StandardCharsets.UTF_8);
                        default -> new float[] {number};
                    };
        }
        madeFrom.put(table + "/" + fingerprint(table, row), source);
        return List.<@Nullable Object[]>of(row);
    }

    private static String fingerprint(TableName table, @Nullable Object[] row) {
        var name = "scratch" + Thread.currentThread().getId();
        MemoryFiles.close(name);
        try (var writer = new PartWriter(
                table.schema(),
                "memory://" + name + "/",
                "part",
                LocalSpark.session().sparkContext().hadoopConfiguration())) {
            writer.write(row);
            return writer.finish().fingerprint();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String source(TableVersion version) {
        return Objects.requireNonNull(
                madeFrom.get(version.table() + "/" + version.manifest().fingerprint()));
    }

    private static List<Assembled> dataset(String token) {
        var number = token.hashCode() % 1000;
        var transition = new Transition(
                token,
                0,
                new float[] {number, 1},
                new Action.Index(1),
                number,
                new float[] {0, 0},
                true,
                false,
                null,
                null,
                null,
                null,
                token,
                0);
        return List.of(Assembled.of(List.of(transition)));
    }

    /** Looks again and again while the others write. */
    private void read() {
        var seen = Optional.<TableVersion>empty();
        while (actors.stream().limit(2).anyMatch(actor -> !actor.next.isEmpty())) {
            var transitions = look();
            if (seen.isPresent()) {
                assertThat(transitions).as("what was there is there").isPresent();
                assertThat(transitions.get().number())
                        .isGreaterThanOrEqualTo(seen.get().number());
                assertThat(names(transitions.get()).containsAll(names(seen.get())))
                        .isTrue();
            }
            seen = transitions;
        }
    }

    /** What a reader sees is what one of the orders in which whole jobs can run one after the other has left. */
    private Optional<TableVersion> look() {
        var snapshot = warehouse.snapshot();
        var versions = snapshot.versions();
        var transitions = snapshot.find(TableName.TRANSITIONS);
        if (transitions.isEmpty()) {
            assertThat(versions).isEmpty();
            return transitions;
        }
        var tokens = names(transitions.get());
        for (var table : List.of(TableName.TRANSITIONS, TableName.EPISODES)) {
            var sum = "0".repeat(32);
            for (var token : tokens) {
                sum = RowHash.plus(
                        sum, Objects.requireNonNull(ofToken.get(token)).get(table));
            }
            assertThat(snapshot.require(table).manifest().fingerprint())
                    .as(table + " of " + tokens)
                    .isEqualTo(sum);
        }
        assertThat(versions).containsKey(TableName.QUARANTINE);
        var last = tokens.get(tokens.size() - 1);
        assertThat(snapshot.find(TableName.NOVELTY).map(this::source))
                .isEqualTo(
                        Objects.requireNonNull(ofToken.get(last)).containsKey(TableName.NOVELTY)
                                ? Optional.of(last)
                                : Optional.empty());
        assertMadeFrom(versions, TableName.DATASET_STATE, TableName.TRANSITIONS);
        assertMadeFrom(versions, TableName.DATASET_STATS, TableName.TRANSITIONS);
        assertMadeFrom(versions, TableName.SUBSETS, TableName.EPISODES);
        assertThat(snapshot.find(TableName.SUBSET_STEPS).map(this::source))
                .isEqualTo(snapshot.find(TableName.SUBSETS).map(this::source));
        assertThat(snapshot.find(TableName.METRICS).map(this::source))
                .isEqualTo(snapshot.find(TableName.RUNS).map(this::source));
        snapshot.find(TableName.RUNS)
                .ifPresent(runs -> assertThat(runs.manifest().parents())
                        .extracting(Manifest.Parent::fingerprint)
                        .containsExactly(
                                transitions.get().manifest().fingerprint(),
                                snapshot.require(TableName.SUBSETS).manifest().fingerprint(),
                                snapshot.require(TableName.SUBSET_STEPS)
                                        .manifest()
                                        .fingerprint()));
        assertMadeFrom(versions, TableName.EVALUATIONS, TableName.RUNS);
        // Nobody takes a file away that somebody reads.
        for (var version : versions.values()) {
            for (var file : version.files()) {
                try {
                    files.getFileStatus(new Path(file).makeQualified(files.getUri(), new Path("/")));
                } catch (IOException e) {
                    throw new AssertionError(version + " is read and has no " + file, e);
                }
            }
        }
        return transitions;
    }

    private void assertMadeFrom(Map<TableName, TableVersion> versions, TableName table, TableName from) {
        if (versions.containsKey(table)) {
            assertThat(source(Objects.requireNonNull(versions.get(table))))
                    .as("what " + table + " was made from")
                    .isEqualTo(Objects.requireNonNull(versions.get(from))
                            .manifest()
                            .fingerprint());
        }
    }

    private static List<String> names(TableVersion version) {
        return version.manifest().inputs().stream().map(Input::name).toList();
    }

    /** There is one order of the jobs that published: each version is the one before and what one job added. */
    private void checkHistory() {
        var before = List.<String>of();
        var latest = warehouse.snapshot().find(TableName.TRANSITIONS);
        for (var number = 1; latest.isPresent() && number <= latest.get().number(); number++) {
            var names = names(warehouse.numbered(TableName.TRANSITIONS, number).orElseThrow());
            assertThat(names).hasSize(before.size() + 1);
            assertThat(names.subList(0, before.size())).isEqualTo(before);
            before = names;
        }
        assertThat(new TreeSet<>(before).containsAll(told))
                .as(told + " in " + before)
                .isTrue();
        assertThat(Collections.disjoint(before, refused))
                .as(refused + " not in " + before)
                .isTrue();
        for (var table : List.of(TableName.SUBSETS, TableName.RUNS, TableName.EVALUATIONS)) {
            var minds = new HashSet<Object>();
            versions(table)
                    .forEach(version ->
                            minds.add(version.manifest().configuration().get("mind")));
            assertThat(minds).as("configurations of " + table).hasSizeLessThan(2);
        }
    }

    private List<TableVersion> versions(TableName table) {
        var all = new ArrayList<TableVersion>();
        for (var number = 1; number < warehouse.nextNumber(table); number++) {
            warehouse.numbered(table, number).ifPresent(all::add);
        }
        return all;
    }

    private void checkThatTheNextJobLeavesNothing() {
        append(true);
        var mind = versions(TableName.SUBSETS).stream()
                .map(version -> version.manifest().configuration())
                .findFirst()
                .orElse(Map.of("mind", 7));
        curate(mind);
        train(
                versions(TableName.RUNS).stream()
                        .map(version -> version.manifest().configuration())
                        .findFirst()
                        .orElse(Map.of("mind", 7)),
                new Random(1));
        for (var table : TableName.values()) {
            table.completedBy()
                    .ifPresent(last -> assertThat(versions(table))
                            .as("versions of " + table)
                            .allMatch(version -> versions(last).stream()
                                    .anyMatch(other ->
                                            warehouse.beside(other, table).equals(Optional.of(version)))));
        }
    }
}
