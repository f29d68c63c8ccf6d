"""Params that several classes have. Names, meanings and defaults are those of the Java classes; a test compares them."""

import json
from typing import Any, List, Mapping, TypeVar, Union

from pyspark.ml.param import Param, Params, TypeConverters

P = TypeVar("P", bound=Params)


def _json(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def text(name: str, doc: str) -> "Param[str]":
    return Param(Params._dummy(), name, doc, typeConverter=TypeConverters.toString)


def texts(name: str, doc: str) -> "Param[List[str]]":
    return Param(Params._dummy(), name, doc, typeConverter=TypeConverters.toListString)


def whole(name: str, doc: str) -> "Param[int]":
    return Param(Params._dummy(), name, doc, typeConverter=TypeConverters.toInt)


def number(name: str, doc: str) -> "Param[float]":
    return Param(Params._dummy(), name, doc, typeConverter=TypeConverters.toFloat)


def section(name: str, doc: str) -> "Param[str]":
    """A param of JSON, which a dict may be given for."""
    return Param(Params._dummy(), name, doc, typeConverter=_json)


class LogParams(Params):
    """Which columns of a log say how a row was chosen, what it earned and where it stands."""

    rewardCol = text("rewardCol", "column of the reward; none: no rewards were logged")
    propensityCol = text("propensityCol", "column of the logging policy's probability, in (0, 1]")
    terminatedCol = text("terminatedCol", "column of a flag: the task itself ended here")
    truncatedCol = text("truncatedCol", "column of a flag: a time limit ended the episode here")
    episodeCol = text("episodeCol", "column of the episode's name; none: each row is an episode")
    stepCol = text("stepCol", "column of a row's number in its episode")

    def getRewardCol(self) -> str:
        return self.getOrDefault(self.rewardCol)

    def setRewardCol(self: P, value: str) -> P:
        return self._set(rewardCol=value)

    def getPropensityCol(self) -> str:
        return self.getOrDefault(self.propensityCol)

    def setPropensityCol(self: P, value: str) -> P:
        return self._set(propensityCol=value)

    def getTerminatedCol(self) -> str:
        return self.getOrDefault(self.terminatedCol)

    def setTerminatedCol(self: P, value: str) -> P:
        return self._set(terminatedCol=value)

    def getTruncatedCol(self) -> str:
        return self.getOrDefault(self.truncatedCol)

    def setTruncatedCol(self: P, value: str) -> P:
        return self._set(truncatedCol=value)

    def getEpisodeCol(self) -> str:
        return self.getOrDefault(self.episodeCol)

    def setEpisodeCol(self: P, value: str) -> P:
        return self._set(episodeCol=value)

    def getStepCol(self) -> str:
        return self.getOrDefault(self.stepCol)

    def setStepCol(self: P, value: str) -> P:
        return self._set(stepCol=value)


class DecisionParams(Params):
    """Which columns a policy is shown, and how it decides."""

    observationCols = texts(
        "observationCols",
        "columns of the observation, laid side by side: numbers, arrays, vectors, category:NAME, map:NAME, x_{1..8}",
    )
    actionMaskCols = texts("actionMaskCols", "columns of flags: which actions are possible")
    actionCols = texts("actionCols", "columns of an action that is a vector")
    actionIndexCol = text("actionIndexCol", "column of an action's index, or category:NAME")
    actions = text("actions", "greedy: the likeliest action; sampled: one drawn from the policy")
    epsilon = number("epsilon", "with this probability an action is drawn uniformly instead")
    decisionSeed = whole("decisionSeed", "seed of what is drawn when the policy decides")
    keyCols = texts(
        "keyCols", "columns that tell decisions apart: rows of one key meet one chance; none: all columns"
    )
    outputCols = section(
        "outputCols",
        'names of the columns that are added, as JSON: {"action-index": "chosen", "q": ""}; an empty name'
        " leaves one out",
    )
    handleInvalid = text(
        "handleInvalid", "rows in which nothing can be decided: error, or skip, which leaves them out"
    )

    def __init__(self, *args: Any):
        super().__init__(*args)
        self._setDefault(
            actionMaskCols=[],
            actionCols=[],
            actions="greedy",
            epsilon=0.0,
            decisionSeed=0,
            keyCols=[],
            outputCols="{}",
            handleInvalid="error",
        )

    def getObservationCols(self) -> List[str]:
        return self.getOrDefault(self.observationCols)

    def setObservationCols(self: P, value: List[str]) -> P:
        return self._set(observationCols=value)

    def getActionMaskCols(self) -> List[str]:
        return self.getOrDefault(self.actionMaskCols)

    def setActionMaskCols(self: P, value: List[str]) -> P:
        return self._set(actionMaskCols=value)

    def getActionCols(self) -> List[str]:
        return self.getOrDefault(self.actionCols)

    def setActionCols(self: P, value: List[str]) -> P:
        return self._set(actionCols=value)

    def getActionIndexCol(self) -> str:
        return self.getOrDefault(self.actionIndexCol)

    def setActionIndexCol(self: P, value: str) -> P:
        return self._set(actionIndexCol=value)

    def getActions(self) -> str:
        return self.getOrDefault(self.actions)

    def setActions(self: P, value: str) -> P:
        return self._set(actions=value)

    def getEpsilon(self) -> float:
        return self.getOrDefault(self.epsilon)

    def setEpsilon(self: P, value: float) -> P:
        return self._set(epsilon=value)

    def getDecisionSeed(self) -> int:
        return self.getOrDefault(self.decisionSeed)

    def setDecisionSeed(self: P, value: int) -> P:
        return self._set(decisionSeed=value)

    def getKeyCols(self) -> List[str]:
        return self.getOrDefault(self.keyCols)

    def setKeyCols(self: P, value: List[str]) -> P:
        return self._set(keyCols=value)

    def getOutputCols(self) -> str:
        return self.getOrDefault(self.outputCols)

    def setOutputCols(self: P, value: Union[str, Mapping[str, str]]) -> P:
        return self._set(outputCols=value)

    def getHandleInvalid(self) -> str:
        return self.getOrDefault(self.handleInvalid)

    def setHandleInvalid(self: P, value: str) -> P:
        return self._set(handleInvalid=value)
