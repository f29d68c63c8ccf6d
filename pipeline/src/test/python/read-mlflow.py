"""Prints what MLflow's own client finds of an experiment: runs, their parents, datasets and artifacts.

python read-mlflow.py http://127.0.0.1:5000
"""

import sys

import mlflow
from mlflow.data import get_source
from mlflow.tracking import MlflowClient

mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
experiment = client.get_experiment_by_name("mazes")
runs = {run.info.run_id: run for run in client.search_runs([experiment.experiment_id])}


def paths(run, folder=None):
    for file in client.list_artifacts(run, folder):
        if file.is_dir:
            yield from paths(run, file.path)
        else:
            yield file.path


for run_id, run in sorted(runs.items(), key=lambda entry: entry[1].info.run_name):
    parent = run.data.tags.get("mlflow.parentRunId")
    print("run", run.info.run_name, run.info.status, "below", runs[parent].info.run_name if parent else None)
    for given in run.inputs.dataset_inputs:
        tags = {tag.key: tag.value for tag in given.tags}
        data = given.dataset
        uri = get_source(data)._uri
        print("dataset", data.name, data.digest, tags["mlflow.data.context"], data.profile, uri)
    for path in sorted(paths(run_id)):
        print("artifact", path, mlflow.artifacts.load_text(f"runs:/{run_id}/{path}")[:10].replace("\n", " "))
