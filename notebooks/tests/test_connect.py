"""The wrappers on a session of Spark Connect, whose server has hindcast's jar."""

import tempfile
import unittest

import hindcast
from hindcast import OfflinePolicy, OfflinePolicyModel, UserError
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.tuning import CrossValidator, ParamGridBuilder
from pyspark.sql import SparkSession

from bandit import clone, evaluator, log, session


class ConnectTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.spark = session(SparkSession.builder.remote("local[2]"))
        cls.log = log(cls.spark)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.addClassCleanup(cls.spark.stop)
        cls.out = folder.name
        cls.model = clone(cls.out).setActions("sampled").setSubsetPercent(50.0).fit(cls.log)

    def test_it_is_a_session_of_spark_connect(self) -> None:
        self.assertIn(".connect.", type(self.spark).__module__)

    def test_a_model_decides_is_judged_saved_and_loaded(self) -> None:
        decided = self.model.transform(self.log)
        self.assertGreater(decided.where("action_index = 0").count(), 380)
        self.assertGreater(evaluator(self.out).evaluate(decided), 0.9)

        self.model.write().overwrite().save(self.out + "/model")
        read = OfflinePolicyModel.load(self.out + "/model")
        self.assertEqual(read.transform(self.log).collect(), decided.collect())

    def test_tables_are_read(self) -> None:
        self.model.write().overwrite().save(self.out + "/told")
        run = self.spark.read.json(self.out + "/told/metadata").select("paramMap.run").first()[0]
        runs = hindcast.read(run.split("/checkpoints/")[0], "runs").select("learner", "updates").collect()
        self.assertEqual([tuple(run) for run in runs], [("behaviour-cloning", 100)])

    def test_pipelines_and_cross_validators_take_them(self) -> None:
        policy = clone(self.out).setObservationCols(["features"]).setActions("sampled")
        stages = [VectorAssembler(inputCols=["age"], outputCol="features"), policy]
        better = CrossValidator(
            estimator=Pipeline(stages=stages),
            evaluator=evaluator(self.out),
            estimatorParamMaps=ParamGridBuilder().addGrid(policy.subsetPercent, [100.0, 50.0]).build(),
            numFolds=2,
            seed=1,
        ).fit(self.log)
        self.assertLess(better.avgMetrics[0], 0.9)
        self.assertGreater(better.avgMetrics[1], 0.9)
        better.bestModel.save(self.out + "/pipeline")
        self.assertIn("action_index", PipelineModel.load(self.out + "/pipeline").transform(self.log).columns)

    def test_what_is_wrong_is_told_in_one_line(self) -> None:
        with self.assertRaisesRegex(UserError, "^Cannot fit without a place for checkpoints: set out, [^\n]*$"):
            OfflinePolicy().fit(self.log)
        with self.assertRaisesRegex(UserError, "^Cannot make a model of a run over Spark Connect: [^\n]*$"):
            OfflinePolicyModel.ofRun("shop", "nowhere")
        with self.assertRaisesRegex(UserError, "^Cannot tell the run of a model over Spark Connect: [^\n]*$"):
            self.model.getRun()


if __name__ == "__main__":
    unittest.main()
