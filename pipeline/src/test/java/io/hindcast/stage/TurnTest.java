package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.collect.CollectConfig;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.env.EnvironmentSpec;
import io.hindcast.files.Lease;
import io.hindcast.files.ProcessMark;
import io.hindcast.stage.collect.CollectStage;
import io.hindcast.stage.curate.CurateConfig;
import io.hindcast.stage.curate.CurateStage;
import io.hindcast.stage.evaluate.EvaluateConfig;
import io.hindcast.stage.evaluate.EvaluateStage;
import io.hindcast.stage.ingest.IngestConfig;
import io.hindcast.stage.ingest.IngestStage;
import io.hindcast.stage.stats.StatsConfig;
import io.hindcast.stage.stats.StatsStage;
import io.hindcast.stage.train.TrainConfig;
import io.hindcast.stage.train.TrainStage;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.Request;
import io.hindcast.table.Warehouse;
import io.hindcast.track.MlflowConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TurnTest {
    private static final EnvironmentSpec CARTPOLE = new EnvironmentSpec("cartpole");
    private static final StageResult DONE = new StageResult(false, "done", List.of());

    @TempDir
    Path out;

    private final List<String> said = new CopyOnWriteArrayList<>();

    @ParameterizedTest
    @CsvSource({"collect, transitions", "train, train", "evaluate, evaluate", "curate, curate"})
    void whoComesWithAnotherConfigurationIsToldAtOnceBeforeAnythingIsDone(String job, String makes) throws IOException {
        try (var lease = hold(makes, job, Map.of("hidden", 1))) {
            assertThatThrownBy(() -> run(job))
                    .isInstanceOf(UserException.class)
                    .hasMessageStartingWith("Cannot " + job + " in " + out + ": process "
                            + ProcessHandle.current().pid() + " on ")
                    .hasMessageContaining(" is at work there with another configuration (")
                    .hasMessageEndingWith("; choose another --out, or use the same configuration");
        }
        assertThat(out).isEmptyDirectory();
    }

    @ParameterizedTest
    @CsvSource({"ingest, transitions", "stats, stats"})
    void whoMayDoItAfterwardsWaitsAndSaysSo(String job, String makes) throws Exception {
        var threads = Executors.newSingleThreadExecutor();
        try (var lease = hold(makes, job, Map.of())) {
            var other = threads.submit(() -> run(job));
            while (said.isEmpty() && !other.isDone()) {
                Thread.sleep(10);
            }
            assertThat(said)
                    .singleElement()
                    .asString()
                    .matches("\\[" + job + "] process \\d+ on .* does " + job + " in " + out
                            + " already; this one waits until it has ended");
            assertThat(other.isDone()).isFalse();
            lease.close();
            // There is nothing to ingest or to describe.
            assertThatThrownBy(other::get).hasCauseInstanceOf(UserException.class);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void anIngestDoesNotWaitForACollectSinceOnlyOneCanBePublished() throws IOException {
        try (var lease = hold("transitions", "collect", Map.of())) {
            assertThatThrownBy(() -> run("ingest")).hasMessageContaining("(job: collect -> ingest)");
        }
    }

    @Test
    void ofTwoCollectsAtOnceOneCollectsAndTheOtherFindsItDone() throws Exception {
        var threads = Executors.newFixedThreadPool(2);
        try {
            Callable<StageResult> collect = () -> run("collect");
            var summaries = new CopyOnWriteArrayList<Boolean>();
            for (var result : threads.invokeAll(List.of(collect, collect))) {
                summaries.add(result.get().upToDate());
            }
            assertThat(summaries).containsExactlyInAnyOrder(true, false);
        } finally {
            threads.shutdownNow();
        }
        try (var left = Files.list(out)) {
            assertThat(left.map(Path::getFileName))
                    .noneMatch(name -> name.toString().startsWith("."));
        }
    }

    @Test
    void whatKilledJobsLeftIsRemovedByTheNextWhateverItDoes() throws IOException {
        var dead = ProcessMark.ofThisProcess(".tmp-").host() + "-0-5-" + "a".repeat(32);
        for (var folder : List.of("", "policies", "transitions", "evaluations")) {
            Files.createDirectories(out.resolve(folder).resolve(".tmp-" + dead));
        }
        Files.createFile(out.resolve(".lease-train-" + dead));
        Files.createFile(out.resolve(".lease-stats-" + dead));

        assertThat(Turn.of(context(), "curate", "curate", Map.of(), () -> DONE)).isEqualTo(DONE);

        try (var left = Files.walk(out)) {
            assertThat(left.map(Path::getFileName))
                    .noneMatch(name -> name.toString().startsWith("."));
        }
    }

    @Test
    void aJobSaysIfAFileOfTheTransitionsIsGone() throws Exception {
        run("collect");
        try (var parts = Files.newDirectoryStream(out.resolve("transitions/v1"), "*.parquet")) {
            Files.delete(parts.iterator().next());
        }
        said.clear();

        assertThatThrownBy(() -> run("stats")).hasMessageContaining("no version is published there");
        assertThat(said)
                .singleElement()
                .asString()
                .matches("\\[stats] transitions v1 is not read: .*/part-.*parquet is not there");
    }

    @Test
    void whereNoLeaseCanBeWrittenTheWorkItselfSaysWhatIsWrong() throws IOException {
        Files.delete(out);
        Files.writeString(out, "a file");

        assertThat(Turn.of(context(), "curate", "curate", Map.of(), () -> DONE)).isEqualTo(DONE);
    }

    private Lease hold(String makes, String job, Map<String, Object> configuration) throws IOException {
        var note = new Request(job, configuration, List.of(), List.of()).note();
        return Lease.take(out.toString(), makes, note, new Configuration(), holder -> {}, () -> false);
    }

    private StageResult run(String job) {
        var context = context();
        return switch (job) {
            case "collect" ->
                CollectStage.run(
                        context, CARTPOLE, read(CollectConfig.class, "episodes = 2, behaviour = random", "collect"));
            case "ingest" ->
                IngestStage.run(
                        context,
                        read(
                                IngestConfig.class,
                                "format = csv, episode-per = file, input = nowhere.csv, dataset = x, action-space { type = discrete, count = 2 }\n"
                                        + "columns { observation = [x], action-index = a, reward = r }",
                                "ingest"));
            case "stats" -> StatsStage.run(context, Settings.defaults(StatsConfig.class));
            case "curate" -> CurateStage.run(context, Settings.defaults(CurateConfig.class));
            case "train" ->
                TrainStage.run(
                        context,
                        null,
                        Settings.defaults(MlflowConfig.class),
                        read(TrainConfig.class, "runs.bc { learner = behaviour-cloning }", "train"));
            default -> EvaluateStage.run(context, CARTPOLE, Settings.defaults(EvaluateConfig.class));
        };
    }

    private static <T extends Record> T read(Class<T> type, String text, String section) {
        return Settings.read(type, ConfigFactory.parseString(text), section);
    }

    private StageContext context() {
        var spark = LocalSpark.session();
        return new StageContext(spark, new Warehouse(spark, out.toString()), said::add);
    }
}
