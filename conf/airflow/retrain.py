"""conf/retrain.conf as a nightly DAG of Airflow 3, through its provider apache-airflow-providers-apache-spark.

Where things lie is said by parameters, in the form of "Trigger DAG" or with
  airflow dags test hindcast_retrain 2026-11-01 --conf '{"logs": "/data/logs", "out": "/data/retrained"}'
and where Spark runs by the connection spark_default.

Whatever is tried again continues where it was: the same command skips what is published, and runs go on from their checkpoints.
Exit code 3 (a run diverged, a required check failed, or all candidates were refused) fails the task too, after attempts that find nothing to do.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator
from airflow.sdk import DAG, Param

with DAG(
    dag_id="hindcast_retrain",
    schedule="0 3 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=5)},
    params={
        "jar": Param("/opt/hindcast/hindcast.jar", type="string", description="hindcast.jar, where spark-submit finds it"),
        "conf": Param("/opt/hindcast/conf/retrain.conf", type="string", description="the configuration, where the driver finds it"),
        "logs": Param("hdfs:///logs", type="string", description="a folder of logs, to which files are added"),
        "visitors": Param("hdfs:///visitors", type="string", description="for whom the champion decides"),
        "registry": Param("hdfs:///hindcast/registry", type="string", description="the folder of the registry"),
        "out": Param("hdfs:///hindcast/retrained", type="string", description="the folder of the tables"),
    },
):
    SparkSubmitOperator(
        task_id="retrain",
        conn_id="spark_default",
        application="{{ params.jar }}",
        java_class="io.hindcast.jobs.PipelineJob",
        application_args=[
            "--conf", "{{ params.conf }}",
            "--set", "ingest.input=[{{ params.logs | tojson }}]",
            "--set", "predict.input=[{{ params.visitors | tojson }}]",
            "--set", "registry.directory={{ params.registry | tojson }}",
            "--out", "{{ params.out }}",
        ],
        conf={
            "spark.executorEnv.OMP_NUM_THREADS": "1",
            "spark.executor.memoryOverhead": "1g",
        },
        executor_memory="4g",
        executor_cores=2,
        execution_timeout=timedelta(hours=6),
    )
