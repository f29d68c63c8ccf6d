"""Lets an exported policy act in the rows of a table in the ways of Python, and writes them with its actions, for bench predict.

    predict_rows.py WAY MASTER ROWS POLICY OUT

WAY is map-in-pandas (Spark's mapInPandas, ONNX Runtime on one thread, batches of 1,024) or spark-udf (the same file as a model of MLflow,
mlflow.pyfunc.spark_udf). The last line says the rows and the CPU seconds of all processes, JVM and workers too.
"""

import json
import os
import sys

way, master, rows, policy, out = sys.argv[1:]
for name in [name for name in os.environ if name.startswith("SPARK_") and name != "SPARK_LOCAL_IP"]:
    del os.environ[name]  # of the Spark that measures; pyspark brings one of its own
os.environ["PYSPARK_PYTHON"] = sys.executable  # else workers are the first python3 of the path


def cpu_seconds():
    """Of this process and all that it started, as Linux counts them."""
    parents, used = {}, {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
                fields = file.read().rsplit(")", 1)[1].split()
        except OSError:
            continue  # it has just ended
        parents[int(pid)] = int(fields[1])
        used[int(pid)] = sum(map(int, fields[11:15]))
    ours = {os.getpid()}
    while True:
        more = {pid for pid, parent in parents.items() if parent in ours} - ours
        if not more:
            return sum(used.get(pid, 0) for pid in ours) / os.sysconf("SC_CLK_TCK")
        ours |= more


from pyspark.sql import SparkSession  # noqa: E402
from pyspark.sql import types  # noqa: E402

spark = (
    SparkSession.builder.master(master)
    .config("spark.ui.enabled", "false")
    .config("spark.ui.showConsoleProgress", "false")
    .config("spark.sql.execution.arrow.maxRecordsPerBatch", "1024")
    .config("spark.sql.parquet.compression.codec", "zstd")
    .getOrCreate()
)
spark.sparkContext.setLogLevel("ERROR")
table = spark.read.parquet(rows)
observed = [name for name in table.columns if name.startswith("o_")]
with open(os.path.join(os.path.dirname(policy), "policy.json"), encoding="utf-8") as file:
    discrete = json.load(file)["actions"]["type"] == "discrete"
action = types.LongType() if discrete else types.ArrayType(types.FloatType())

if way == "map-in-pandas":

    def act(batches):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(policy, options)
        for batch in batches:
            states = batch[observed].to_numpy("float32")
            (chosen,) = session.run(["action"], {"observation": states})
            yield batch.assign(action=list(chosen) if chosen.ndim > 1 else chosen)

    schema = types.StructType(table.schema.fields + [types.StructField("action", action)])
    decided = table.mapInPandas(act, schema)
else:
    import mlflow
    import numpy
    import onnx
    from mlflow.models import infer_signature

    model = os.path.join(os.path.dirname(out), "model")
    signature = infer_signature({"observation": numpy.zeros((1, len(observed)), numpy.float32)})
    mlflow.onnx.save_model(onnx.load(policy), model, signature=signature)
    udf = mlflow.pyfunc.spark_udf(spark, model, result_type=action, env_manager="local")
    from pyspark.sql.functions import array, col, struct

    decided = table.withColumn("action", udf(struct(array(*map(col, observed)).alias("observation"))))

decided.write.parquet(out)
print(spark.read.parquet(out).count(), cpu_seconds())
