#!/usr/bin/env bash
# SynapseML 1.1.0 (Spark): the interval of cressieReadInterval covers the truth far less often than 95 times in 100, and its count
# column does not count.
#
# The function is the empirical-likelihood interval of off-policy evaluation, as a Spark aggregate. It has no level to set, and
# its code has alpha = 0.05, so a good engineer expects about 95 %; and of a row with count 100 what 100 rows give, as snips and
# ips beside it do, since big logs are grouped. But it reaches about 1.4 standard errors to each side, where 95 % needs 1.96. And
# the squares of the weights take the square of the count, so counted rows hardly narrow it.
#
# The coverage is exact: the policy is the log's own (weights of 1), rewards are 0 or 1, n = 100, so each number of successes k
# has one interval and its binomial probability. The plain mean +- 1.96 deviations covers 0.943 and 0.932 there.
#
# Seen with synapseml-vw_2.12 1.1.0, pyspark 3.5.7, Java 17:
#   coverage where the truth is 0.5: 0.807
#   coverage where the truth is 0.1: 0.843
#   4 rows, each 100 times: snips 0.400; interval 0.369 to 0.431
#   the 4 rows with count 100: snips 0.400; interval 0.108 to 0.693
# The script fails if a coverage is 0.9 or more, or if counted rows give the interval of repeated ones.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pyspark==3.5.7

cd "$work"
# Spark fetches the library from Maven Central, into this folder, and looks into no other Maven repository of this machine.
SPARK_SUBMIT_OPTS="-Duser.home=$work" SPARK_LOCAL_IP=127.0.0.1 "$work/venv/bin/python" - "$work/ivy" 2>"$work/log" <<'PROGRAM' |
import sys
from math import comb

from pyspark.sql import SparkSession

settings = {"spark.ui.enabled": "false", "spark.jars.ivy": sys.argv[1], "spark.sql.shuffle.partitions": "1",
            "spark.jars.packages": "com.microsoft.azure:synapseml-vw_2.12:1.1.0"}
spark = SparkSession.builder.master("local[1]").config(map=settings).getOrCreate()
spark._jvm.com.microsoft.azure.synapse.ml.policyeval.PolicyEvalUDAFUtil.registerUdafs()

n = 100
intervals = {row.k: row.i for row in spark.sql(f"""
    select k.id k, cressieReadInterval(1f, float(i.id < k.id), 1f, 1f, 0f, 1f, 0f, 1f) i
    from range({n + 1}) k, range({n}) i group by k.id""").collect()}
coverage = {}
for truth in (0.5, 0.1):
    coverage[truth] = sum(comb(n, k) * truth**k * (1 - truth) ** (n - k)
                          for k, interval in intervals.items() if interval.lower <= truth <= interval.upper)
    print(f"coverage where the truth is {truth}: {coverage[truth]:.3f}")

ROWS = [(0.5, 1.0, 0.8), (0.5, 0.0, 0.8), (0.5, 0.0, 0.2), (0.5, 0.0, 0.2)]  # logged probability, reward, policy's probability


def evaluate(name, rows):
    spark.createDataFrame(rows, "logged float, reward float, policy float, count float").coalesce(1).createOrReplaceTempView("log")
    result = spark.sql("""
        select snips(logged, reward, policy, count) s,
               cressieReadInterval(logged, reward, policy, count, 0f, 2f, 0f, 1f) i from log""").first()
    print(f"{name}: snips {result.s:.3f}; interval {result.i.lower:.3f} to {result.i.upper:.3f}")
    return result.s, result.i.upper - result.i.lower


repeated = evaluate("4 rows, each 100 times", [row + (1.0,) for row in ROWS * 100])
counted = evaluate("the 4 rows with count 100", [row + (100.0,) for row in ROWS])
assert all(share < 0.9 for share in coverage.values()), "the interval covers 0.9 or more"
assert abs(repeated[0] - counted[0]) < 1e-6, "snips differs"
assert counted[1] > 5 * repeated[1], "counted rows narrow the interval"
PROGRAM
  grep -v '^:: ' || { tail -n 5 "$work/log"; exit 1; }
echo "as described"
