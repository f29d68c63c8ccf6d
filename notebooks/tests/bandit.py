"""What the tests share: Spark with hindcast's jar (HINDCAST_JAR, or the one that the build made), and a log."""

import os
import warnings
from pathlib import Path

from hindcast import OffPolicyEvaluator, OfflinePolicy
from pyspark.sql import DataFrame, SparkSession

JAR = os.environ.get("HINDCAST_JAR", str(Path(__file__).parents[2] / "jobs/target/hindcast.jar"))


def session(builder: "SparkSession.Builder") -> SparkSession:
    warnings.simplefilter("ignore")  # sockets of py4j; settings that are the server's
    return (
        builder.config("spark.jars", JAR)
        .config("spark.ui.enabled", "false")
        .config("spark.log.level", "ERROR")
        .config("spark.sql.shuffle.partitions", "2")
        # Every query is another one, of a few rows: to compile code for it takes longer than its work.
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        .config("spark.sql.adaptive.enabled", "false")
        .getOrCreate()
    )


def log(spark: SparkSession) -> DataFrame:
    """Cats pay 1, dogs nothing; each was shown half of the time."""
    return spark.range(0, 400, 1, 2).selectExpr(
        "id AS visitor",
        "CAST(id % 7 AS DOUBLE) / 7 AS age",
        "IF(id % 2 = 0, 'cat', 'dog') AS arm",
        "1 - id % 2 AS click",
        "0.5D AS p",
    )


def clone(out: str) -> OfflinePolicy:
    return OfflinePolicy(
        observationCols=["age"],
        actionIndexCol="category:arm",
        actionSpace={"type": "discrete", "count": 2},
        rewardCol="click",
        propensityCol="p",
        learner="behaviour-cloning",
        settings={"actor": {"hidden-layers": [8], "learning-rate": 0.05}},
        updates=100,
        batchSize=32,
        out=out,
    )


def evaluator(out: str) -> OffPolicyEvaluator:
    return OffPolicyEvaluator(rewardCol="click", propensityCol="p", out=out)
