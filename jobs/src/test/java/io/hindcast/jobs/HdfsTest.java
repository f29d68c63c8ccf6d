package io.hindcast.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything from collecting to the report in the Hadoop Distributed File System, with a name node and a data node in a process of
 * their own. The job is killed in training; the same command finishes it to the bytes of a job on the local disk.
 */
@Tag("faults")
class HdfsTest {
    private static final List<String> TABLES = List.of("transitions", "subsets", "metrics", "evaluations");

    @TempDir
    Path directory;

    @Test
    void aPipelineThatIsKilledInTrainingEndsAsOnTheLocalDisk() throws Exception {
        var whole = new TrainingFolder(directory.resolve("whole"));
        TrainingFolder.run(pipeline(whole.path().toString()));

        try (var cluster = cluster()) {
            var details = directory.resolve("details.json");
            cluster.await(() -> Files.exists(details) && details.toFile().length() > 0);
            var root = "hdfs://127.0.0.1:" + Files.readString(details).replaceAll("\\D", "");
            var out = root + "/some/where/out";
            try (var files = FileSystem.newInstance(new org.apache.hadoop.fs.Path(root).toUri(), new Configuration())) {
                try (var job = HindcastProcess.hindcast(List.of("spark.master=local[2]"), pipeline(out))) {
                    var second = new org.apache.hadoop.fs.Path(out, "checkpoints/*/step-000000010000/checkpoint.json");
                    job.await(() -> exist(files, second, 2));
                }
                assertThat(files.exists(new org.apache.hadoop.fs.Path(out, "runs/v1")))
                        .isFalse();

                try (var job = HindcastProcess.hindcast(List.of("spark.master=local[2]"), pipeline(out))) {
                    assertThat(job.exitCode()).as("%s", job.lines()).isZero();
                    assertThat(job.lines(".*, seed [12]: starts after update [1-4]0,000, .*"))
                            .hasSize(2);
                }
                var fetched = new TrainingFolder(directory.resolve("fetched"));
                files.copyToLocalFile(
                        new org.apache.hadoop.fs.Path(out),
                        new org.apache.hadoop.fs.Path(fetched.path().toUri()));
                fetched.assertTrainedAs(whole);
                for (var table : TABLES) {
                    assertThat(fetched.fingerprint(table)).as(table).isEqualTo(whole.fingerprint(table));
                }
                assertThat(fetched.path().resolve("report/report.html")).isNotEmptyFile();
                assertThat(fetched.path().resolve("report/results.json")).isNotEmptyFile();
            }
        }
    }

    private static boolean exist(FileSystem files, org.apache.hadoop.fs.Path pattern, int count) {
        try {
            return files.globStatus(pattern).length == count;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String[] pipeline(String out) {
        var arguments = new ArrayList<String>(List.of("pipeline", "--out", out));
        var sets = new ArrayList<>(List.of(
                "environment=pointmass-easy",
                "stages=[collect, curate, train, evaluate, report]",
                "collect.episodes=4",
                "curate.subsets.best.top-percent=50",
                "evaluate.episodes=2",
                "train.runs.iql.subset=best"));
        TrainingFolder.sweep(
                        List.of("iql"), "seeds=[1, 2]", "updates=50000", "checkpoint-every=10000", "log-every=1000")
                .forEach(set -> sets.add("train." + set));
        sets.forEach(set -> arguments.addAll(List.of("--set", set)));
        return arguments.toArray(String[]::new);
    }

    private HindcastProcess cluster() throws IOException {
        return HindcastProcess.java(
                Map.of(),
                List.of("-Dtest.build.data=" + directory.resolve("hdfs")),
                "org.apache.hadoop.test.MiniDFSClusterManager",
                "-format",
                "-datanodes",
                "1",
                "-nnport",
                "0",
                "-writeDetails",
                directory.resolve("details.json").toString());
    }
}
