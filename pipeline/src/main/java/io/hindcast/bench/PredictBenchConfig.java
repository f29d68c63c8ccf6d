package io.hindcast.bench;

import io.hindcast.config.Setting;
import io.hindcast.config.UserException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code bench predict} lets policies decide in. */
public record PredictBenchConfig(
        @Setting(
                value = "1000000",
                range = "[1000, 1000000000]",
                meaning = "rows of each made-up table: a key and the numbers of an observation, each a column")
        int rows,

        @Setting(
                value = "[grid, antmaze]",
                meaning =
                        "sizes of problem and networks, as in bench: grid (2 numbers, 5 actions, 64 and 64) and antmaze"
                                + " (29 numbers, vectors of 8, 256 and 256); each as a run of iql, with its critics")
        List<String> workloads,

        @Setting(
                value = "null",
                meaning =
                        "a Python interpreter with pyspark, pandas, pyarrow and onnxruntime, which lets the exported policy"
                                + " act in the same rows, by mapInPandas; with mlflow and onnx also by mlflow.pyfunc.spark_udf;"
                                + " null: none")
        @Nullable String python,

        @Setting(
                value = "null",
                range = "[450, 1000000]",
                meaning =
                        "how large the heap of a JVM that is measured may become, in MB; with less than 450 Spark does not"
                                + " start; null: as large as that of the one that measures")
        @Nullable Integer heap) {

    private static final List<String> KNOWN = List.of("grid", "antmaze");

    /** @throws UserException if a value is out of its range, or a workload is not one of those */
    public PredictBenchConfig {
        for (var workload : workloads) {
            if (!KNOWN.contains(workload)) {
                throw new UserException("Cannot use workloads = " + workloads + ": there is no " + workload
                        + "; give some of " + String.join(", ", KNOWN));
            }
        }
        if (workloads.isEmpty()) {
            throw new UserException(
                    "Cannot use workloads = []: there is nothing to measure; give some of " + String.join(", ", KNOWN));
        }
    }
}
