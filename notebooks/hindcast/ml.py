"""Estimator, model and evaluator: thin wrappers of the Java classes of the same names in ``io.hindcast.ml``.

What they do, and what every param means, is said in docs/spark-ml.md.
"""

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Iterator, List, Mapping, Optional, Union

from pyspark import keyword_only
from pyspark.ml.evaluation import JavaEvaluator
from pyspark.ml.util import JavaMLReadable, JavaMLWritable
from pyspark.ml.wrapper import JavaEstimator, JavaModel, JavaParams
from pyspark.sql import DataFrame
from pyspark.sql.utils import is_remote

from hindcast._params import DecisionParams, LogParams, number, section, text, whole

if TYPE_CHECKING:
    from py4j.java_gateway import JavaObject

# Spark ML finds a Java class by the name of the Python one, and the other way round. There is no package io.hindcast: io is a
# module of Python's own.
_JAVA = "io.hindcast.ml"
sys.modules[_JAVA] = sys.modules[__name__]

_USER_EXCEPTION = "io.hindcast.config.UserException"
_NO_JAR = (
    "Cannot find hindcast in Spark: it was started without hindcast's jar; give it as spark.jars, or to the server of"
    " Spark Connect as --jars"
)


class UserError(ValueError):
    """The input or a param is wrong. The message is one line: what could not be done, why, and how to mend it."""


def _said(e: Exception) -> Optional[str]:
    """What hindcast said to its user, in this process's JVM or in that of a Spark Connect server."""
    thrown = getattr(e, "java_exception", None)
    if thrown is not None:
        return thrown.getMessage() if thrown.getClass().getName() == _USER_EXCEPTION else None
    head, _, line = str(e).partition("\n")[0].partition(f"({_USER_EXCEPTION}) ")
    if line and not head:
        return line
    return _NO_JAR if f"Unsupported ML operator, found {_JAVA}." in head else None


@contextmanager
def in_one_line() -> Iterator[None]:
    try:
        yield
    except Exception as e:
        line = _said(e)
        if line is None:
            raise
        raise UserError(line) from None


def _new_java_obj(name: str, uid: str) -> "JavaObject":
    try:
        return JavaParams._new_java_obj(f"{_JAVA}.{name}", uid)
    except TypeError:  # py4j takes what it does not find for a package
        raise UserError(_NO_JAR) from None


def _not_over_connect(what: str, instead: str) -> None:
    if is_remote():
        raise UserError(f"Cannot {what} over Spark Connect: the model is on the server; {instead}")


class OfflinePolicy(JavaEstimator["OfflinePolicyModel"], LogParams, DecisionParams, JavaMLReadable, JavaMLWritable):
    """Learns a policy from a frame of logged decisions, into a folder of its own below ``out``.

    >>> policy = OfflinePolicy(
    ...     observationCols=["age", "category:country"],
    ...     actionIndexCol="category:banner",
    ...     actionSpace={"type": "discrete", "count": 3},
    ...     rewardCol="click",
    ...     propensityCol="p",
    ...     learner="iql",
    ...     updates=5000,
    ...     out="out/shop-ml",
    ... )
    >>> model = policy.fit(log)
    """

    __module__ = _JAVA
    _input_kwargs: Mapping[str, Any]  # of keyword_only

    actionSpace = section(
        "actionSpace", 'the actions, as JSON: {"type": "discrete", "count": 3}; see ingest.action-space'
    )
    learner = text("learner", "which algorithm, as train.runs.NAME.learner")
    preset = text("preset", "published settings, as train.runs.NAME.preset")
    settings = section("settings", "the learner's settings as JSON, as train.runs.NAME.settings")
    ingest = section("ingest", "further keys of the section ingest as JSON, such as final-row")
    updates = whole("updates", "gradient updates; none: as in the preset, or as train.updates")
    batchSize = whole("batchSize", "transitions in a batch; none: as in the preset or train.batch-size")
    seed = whole("seed", "seed of the run")
    subsetPercent = number(
        "subsetPercent", "learn from this percentage of the episodes, those with the highest returns"
    )
    out = text("out", "a folder that all executors reach; each fit writes into one of its own below it")

    @keyword_only
    def __init__(
        self,
        *,
        observationCols: Optional[List[str]] = None,
        actionMaskCols: Optional[List[str]] = None,
        actionCols: Optional[List[str]] = None,
        actionIndexCol: Optional[str] = None,
        actionSpace: Union[str, Mapping[str, Any], None] = None,
        rewardCol: Optional[str] = None,
        propensityCol: Optional[str] = None,
        terminatedCol: Optional[str] = None,
        truncatedCol: Optional[str] = None,
        episodeCol: Optional[str] = None,
        stepCol: Optional[str] = None,
        learner: Optional[str] = None,
        preset: Optional[str] = None,
        settings: Union[str, Mapping[str, Any], None] = None,
        ingest: Union[str, Mapping[str, Any], None] = None,
        updates: Optional[int] = None,
        batchSize: Optional[int] = None,
        seed: Optional[int] = None,
        subsetPercent: Optional[float] = None,
        out: Optional[str] = None,
        actions: Optional[str] = None,
        epsilon: Optional[float] = None,
        decisionSeed: Optional[int] = None,
        keyCols: Optional[List[str]] = None,
        outputCols: Union[str, Mapping[str, str], None] = None,
        handleInvalid: Optional[str] = None,
    ):
        super().__init__()
        self._java_obj = _new_java_obj("OfflinePolicy", self.uid)
        self._setDefault(settings="{}", ingest="{}", seed=1, subsetPercent=100.0)
        self.setParams(**self._input_kwargs)

    def setParams(self, **params: Any) -> "OfflinePolicy":
        """Sets params by their names; what is None stays as it is."""
        return self._set(**params)

    def _create_model(self, java_model: "JavaObject") -> "OfflinePolicyModel":
        return OfflinePolicyModel(java_model)

    def _fit(self, dataset: DataFrame) -> "OfflinePolicyModel":
        with in_one_line():
            return super()._fit(dataset)

    def getActionSpace(self) -> str:
        return self.getOrDefault(self.actionSpace)

    def setActionSpace(self, value: Union[str, Mapping[str, Any]]) -> "OfflinePolicy":
        return self._set(actionSpace=value)

    def getLearner(self) -> str:
        return self.getOrDefault(self.learner)

    def setLearner(self, value: str) -> "OfflinePolicy":
        return self._set(learner=value)

    def getPreset(self) -> str:
        return self.getOrDefault(self.preset)

    def setPreset(self, value: str) -> "OfflinePolicy":
        return self._set(preset=value)

    def getSettings(self) -> str:
        return self.getOrDefault(self.settings)

    def setSettings(self, value: Union[str, Mapping[str, Any]]) -> "OfflinePolicy":
        return self._set(settings=value)

    def getIngest(self) -> str:
        return self.getOrDefault(self.ingest)

    def setIngest(self, value: Union[str, Mapping[str, Any]]) -> "OfflinePolicy":
        return self._set(ingest=value)

    def getUpdates(self) -> int:
        return self.getOrDefault(self.updates)

    def setUpdates(self, value: int) -> "OfflinePolicy":
        return self._set(updates=value)

    def getBatchSize(self) -> int:
        return self.getOrDefault(self.batchSize)

    def setBatchSize(self, value: int) -> "OfflinePolicy":
        return self._set(batchSize=value)

    def getSeed(self) -> int:
        return self.getOrDefault(self.seed)

    def setSeed(self, value: int) -> "OfflinePolicy":
        return self._set(seed=value)

    def getSubsetPercent(self) -> float:
        return self.getOrDefault(self.subsetPercent)

    def setSubsetPercent(self, value: float) -> "OfflinePolicy":
        return self._set(subsetPercent=value)

    def getOut(self) -> str:
        return self.getOrDefault(self.out)

    def setOut(self, value: str) -> "OfflinePolicy":
        return self._set(out=value)


class OfflinePolicyModel(JavaModel, DecisionParams, JavaMLReadable, JavaMLWritable):
    """A policy that decides in every row of a frame: ``transform`` adds the columns that the job ``predict`` writes.

    It comes from ``OfflinePolicy.fit``, ``OfflinePolicyModel.load`` or ``OfflinePolicyModel.ofRun``.
    """

    __module__ = _JAVA

    run = text("run", "the directory of the run whose policy decides: OUT/checkpoints/RUN_ID")
    categories = text(
        "categories", "the sorted names of each column of the log that is a category or a map, as JSON"
    )

    def __init__(self, java_model: Optional["JavaObject"] = None):
        super().__init__(java_model)
        self._setDefault(categories="{}")
        if java_model is not None and not is_remote():
            self._transfer_params_from_java()

    @staticmethod
    def ofRun(uid: str, directory: str) -> "OfflinePolicyModel":
        """The policy of a run that a job trained; its columns are still to be set.

        Parameters
        ----------
        uid
            a name for the model
        directory
            of the run, ``OUT/checkpoints/RUN_ID``
        """
        _not_over_connect("make a model of a run", "make and save it there, and load it")
        model = OfflinePolicyModel(_new_java_obj("OfflinePolicyModel", uid))
        return model._set(run=directory)

    def _transform(self, dataset: DataFrame) -> DataFrame:
        with in_one_line():
            return super()._transform(dataset)

    def getRun(self) -> str:
        _not_over_connect("tell the run of a model", "its folder is in out, the newest offlinePolicyModel_…")
        return self.getOrDefault(self.run)

    def setRun(self, value: str) -> "OfflinePolicyModel":
        _not_over_connect("set the run of a model", "load another model")
        return self._set(run=value)

    def getCategories(self) -> str:
        return self.getOrDefault(self.categories)


class OffPolicyEvaluator(JavaEvaluator, LogParams, JavaMLReadable, JavaMLWritable):
    """Says what a policy is worth by what another one logged, of a frame that an ``OfflinePolicyModel`` has transformed.

    For ``CrossValidator`` and ``TrainValidationSplit``. Larger is better.
    """

    __module__ = _JAVA
    _input_kwargs: Mapping[str, Any]  # of keyword_only

    logProbCol = text("logProbCol", "column of the logarithm of how likely the policy is to do what was logged")
    estimator = text("estimator", "is, wis, pdis or wpdis, see docs/judging.md")
    metric = text("metric", "value: the estimate; lower: the lower end of its interval, which is wary of few data")
    discount = number("discount", "discount for each step")
    out = text("out", "a folder that all executors reach; each judgement writes into one of its own")

    @keyword_only
    def __init__(
        self,
        *,
        rewardCol: Optional[str] = None,
        propensityCol: Optional[str] = None,
        terminatedCol: Optional[str] = None,
        truncatedCol: Optional[str] = None,
        episodeCol: Optional[str] = None,
        stepCol: Optional[str] = None,
        logProbCol: Optional[str] = None,
        estimator: Optional[str] = None,
        metric: Optional[str] = None,
        discount: Optional[float] = None,
        out: Optional[str] = None,
    ):
        super().__init__()
        self._java_obj = _new_java_obj("OffPolicyEvaluator", self.uid)
        self._setDefault(logProbCol="log_prob", estimator="wis", metric="value", discount=1.0)
        self.setParams(**self._input_kwargs)

    def setParams(self, **params: Any) -> "OffPolicyEvaluator":
        """Sets params by their names; what is None stays as it is."""
        return self._set(**params)

    def _evaluate(self, dataset: DataFrame) -> float:
        with in_one_line():
            return super()._evaluate(dataset)

    def isLargerBetter(self) -> bool:
        """Always: the unit is that of returns."""
        return True

    def getLogProbCol(self) -> str:
        return self.getOrDefault(self.logProbCol)

    def setLogProbCol(self, value: str) -> "OffPolicyEvaluator":
        return self._set(logProbCol=value)

    def getEstimator(self) -> str:
        return self.getOrDefault(self.estimator)

    def setEstimator(self, value: str) -> "OffPolicyEvaluator":
        return self._set(estimator=value)

    def getMetric(self) -> str:
        return self.getOrDefault(self.metric)

    def setMetric(self, value: str) -> "OffPolicyEvaluator":
        return self._set(metric=value)

    def getDiscount(self) -> float:
        return self.getOrDefault(self.discount)

    def setDiscount(self, value: float) -> "OffPolicyEvaluator":
        return self._set(discount=value)

    def getOut(self) -> str:
        return self.getOrDefault(self.out)

    def setOut(self, value: str) -> "OffPolicyEvaluator":
        return self._set(out=value)
