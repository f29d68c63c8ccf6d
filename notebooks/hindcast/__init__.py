"""Policies from logs, in PySpark: estimators, models and tables of hindcast, whose jar Spark has (spark.jars)."""

from hindcast.ml import OffPolicyEvaluator, OfflinePolicy, OfflinePolicyModel, UserError
from hindcast.tables import read

__all__ = ["OffPolicyEvaluator", "OfflinePolicy", "OfflinePolicyModel", "UserError", "read"]
__version__ = "0.2.0.dev0"
