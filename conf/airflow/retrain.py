"""conf/retrain.conf as a nightly DAG of Airflow, through its provider apache-airflow-providers-apache-spark.

Whatever is tried again continues where it was: the same command skips what is published, and runs go on from their checkpoints.
Exit code 3 (a run diverged, a required check failed, or all candidates were refused) fails the task too, after attempts that find nothing to do.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow import DAG
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

with DAG(
    dag_id="hindcast_retrain",
    schedule="0 3 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 3, "retry_delay": timedelta(minutes=5)},
):
    SparkSubmitOperator(
        task_id="retrain",
        conn_id="spark_default",
        application="/opt/hindcast/hindcast.jar",
        java_class="io.hindcast.jobs.PipelineJob",
        application_args=[
            "--conf", "/opt/hindcast/conf/retrain.conf",
            "--set", 'ingest.input=["hdfs:///logs"]',
            "--set", 'predict.input=["hdfs:///visitors"]',
            "--set", "registry.directory=hdfs:///hindcast/registry",
            "--out", "hdfs:///hindcast/retrained",
        ],
        conf={
            "spark.executorEnv.OMP_NUM_THREADS": "1",
            "spark.executor.memoryOverhead": "1g",
        },
        executor_memory="4g",
        executor_cores=2,
        execution_timeout=timedelta(hours=6),
    )
