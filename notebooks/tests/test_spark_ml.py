"""The wrappers on the real PySpark."""

import tempfile
import unittest
from typing import List

import hindcast
from hindcast import OffPolicyEvaluator, OfflinePolicy, OfflinePolicyModel, UserError
from pyspark.ml import Pipeline, PipelineModel
from pyspark.ml.feature import SQLTransformer, VectorAssembler
from pyspark.ml.tuning import CrossValidator, CrossValidatorModel, ParamGridBuilder
from pyspark.sql import DataFrame, Row, SparkSession

from bandit import clone, evaluator, log, session


class SparkMlTest(unittest.TestCase):
    spark: SparkSession
    log: DataFrame
    model: OfflinePolicyModel

    @classmethod
    def setUpClass(cls) -> None:
        cls.spark = session(SparkSession.builder.master("local[2]"))
        cls.log = log(cls.spark)
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.addClassCleanup(cls.spark.stop)
        # Half of the rows, those that paid, are cats.
        cls.model = clone(folder.name).setActions("sampled").setSubsetPercent(50.0).fit(cls.log)

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.out = folder.name

    def chosen(self, model: OfflinePolicyModel) -> List[Row]:
        return model.transform(self.log).select("visitor", "action_index", "propensity").collect()

    def test_the_version_is_that_of_the_jar(self) -> None:
        jar = self.spark._jvm.io.hindcast.config.Version.TEXT
        self.assertEqual(hindcast.__version__, jar.replace("-SNAPSHOT", ".dev0"))

    def test_params_are_those_of_the_java_classes(self) -> None:
        ml = self.spark._jvm.io.hindcast.ml
        for python, java in [
            (OfflinePolicy(), ml.OfflinePolicy()),
            (OfflinePolicyModel.ofRun("model", "run"), ml.OfflinePolicyModel("model")),
            (OffPolicyEvaluator(), ml.OffPolicyEvaluator()),
        ]:
            known = {param.name(): param for param in java.params()}
            self.assertEqual(sorted(param.name for param in python.params), sorted(known))
            for param in python.params:
                name = param.name
                self.assertEqual(param.doc, known[name].doc(), name)
                self.assertEqual(python.hasDefault(param), java.hasDefault(known[name]), name)
                if python.hasDefault(param):
                    default = java.getDefault(known[name]).get()
                    here = python._defaultParamMap[param]
                    self.assertEqual(here, list(default) if isinstance(here, list) else default, name)
                for access in ("get", "set"):
                    if name != "categories":
                        self.assertTrue(callable(getattr(python, access + name[0].upper() + name[1:])))

    def test_it_learns_decides_and_is_judged(self) -> None:
        decided = self.model.transform(self.log)

        self.assertGreater(decided.where("action_index = 0").count(), 380)
        estimate = evaluator(self.out).evaluate(decided)
        self.assertGreater(estimate, 0.9)
        self.assertLess(evaluator(self.out).setMetric("lower").evaluate(decided), estimate)
        self.assertNotIn("log_prob", self.model.transform(self.log.drop("arm")).columns)

    def test_a_saved_model_decides_alike(self) -> None:
        model = self.model.copy().setEpsilon(0.2).setDecisionSeed(7)
        model.write().overwrite().save(self.out + "/model")

        read = OfflinePolicyModel.load(self.out + "/model")
        self.assertIsInstance(read, OfflinePolicyModel)
        self.assertEqual(read.uid, model.uid)
        self.assertEqual(read.getEpsilon(), 0.2)
        self.assertEqual(read.getObservationCols(), ["age"])
        self.assertEqual(self.chosen(read), self.chosen(model))
        self.assertNotEqual(self.chosen(read.copy({read.decisionSeed: 8})), self.chosen(model))
        self.assertEqual(read.getDecisionSeed(), 7)

    def test_estimators_and_evaluators_are_read_as_they_were_saved(self) -> None:
        clone(self.out).save(self.out + "/policy")
        evaluator(self.out).setEstimator("is").save(self.out + "/evaluator")

        policy = OfflinePolicy.load(self.out + "/policy")
        self.assertEqual(policy.getUpdates(), 100)
        self.assertEqual(policy.getActionSpace(), '{"type": "discrete", "count": 2}')
        self.assertEqual(OffPolicyEvaluator.load(self.out + "/evaluator").getEstimator(), "is")

    def test_it_stands_in_a_pipeline_that_is_saved(self) -> None:
        pipeline = Pipeline(
            stages=[
                VectorAssembler(inputCols=["age", "visitor"], outputCol="features"),
                clone(self.out).setObservationCols(["features"]),
                SQLTransformer(statement="SELECT *, propensity > 0.5 AS sure FROM __THIS__"),
            ]
        )
        pipeline.save(self.out + "/pipeline")
        Pipeline.load(self.out + "/pipeline").fit(self.log).save(self.out + "/fitted")

        fitted = PipelineModel.load(self.out + "/fitted")
        self.assertIsInstance(fitted.stages[1], OfflinePolicyModel)
        self.assertIn("sure", fitted.transform(self.log).columns)

    def test_a_cross_validator_takes_the_better_policy(self) -> None:
        policy = clone(self.out).setActions("sampled")
        validated = CrossValidator(
            estimator=policy,
            evaluator=evaluator(self.out),
            estimatorParamMaps=ParamGridBuilder().addGrid(policy.subsetPercent, [100.0, 50.0]).build(),
            numFolds=2,
            seed=1,
        ).fit(self.log)

        self.assertAlmostEqual(validated.avgMetrics[0], 0.5, delta=0.1)
        self.assertGreater(validated.avgMetrics[1], 0.9)
        validated.save(self.out + "/validated")
        best = CrossValidatorModel.load(self.out + "/validated").bestModel
        self.assertGreater(best.transform(self.log).where("action_index = 0").count(), 380)

    def test_tables_and_policies_of_a_fit_are_there(self) -> None:
        there = self.model.getRun().split("/checkpoints/")[0]

        runs = hindcast.read(there, "runs").select("learner", "updates").collect()
        self.assertEqual([tuple(run) for run in runs], [("behaviour-cloning", 100)])
        self.assertEqual(hindcast.read(there, "transitions", version=1).count(), 400)
        with self.assertRaisesRegex(hindcast.UserError, "^[^\\n]*version[^\\n]*$"):
            hindcast.read(there, "transitions", version=9)
        self.assertEqual(hindcast.read(there, "subsets").where("subset = 'best'").count(), 200)
        again = OfflinePolicyModel.ofRun("shop", self.model.getRun()).setObservationCols(["age"])
        self.assertEqual(again.uid, "shop")
        self.assertEqual(again.transform(self.log).select("action_index").count(), 400)

    def test_what_is_wrong_is_told_in_one_line(self) -> None:
        with self.assertRaises(UserError) as lacking:
            OfflinePolicy().fit(self.log)
        self.assertEqual(
            str(lacking.exception),
            "Cannot fit without a place for checkpoints: set out, a folder that all executors reach",
        )
        with self.assertRaisesRegex(UserError, "^Cannot use learner 'ppo'[^\n]*$"):
            clone(self.out).setLearner("ppo").fit(self.log)
        with self.assertRaisesRegex(UserError, "^Cannot evaluate: the frame has no column 'log_prob'[^\n]*$"):
            evaluator(self.out).evaluate(self.log)
        with self.assertRaisesRegex(UserError, "^Cannot decide without observations[^\n]*$"):
            OfflinePolicyModel.ofRun("model", "nowhere").transform(self.log)
        with self.assertRaises(TypeError):
            OfflinePolicy("age")


if __name__ == "__main__":
    unittest.main()
