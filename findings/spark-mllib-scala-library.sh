#!/usr/bin/env bash
# Spark 4.1.0: a Maven project that names spark-mllib_2.13 alone gets an older Scala library than Spark was compiled with, and no session.
#
# Spark is compiled with Scala 2.13.17, and its spark-core and spark-sql say so in their poms. A good engineer expects a project whose
# only dependency is spark-mllib_2.13 to get that library too. But the pom of spark-mllib does not name scala-library itself, and the
# first dependency it lists, scala-parser-combinators 2.4.0, brings 2.13.13. Of two versions at one depth Maven takes the one that it
# meets first. Scala promises that an older caller works with a newer library, not the reverse: the first case class that is hashed
# asks for a method that came with 2.13.17. Gradle takes the newest version that anyone asks for, so the same dependency works there; and so
# does spark-sql_2.13 alone with Maven.
#
# Seen with Maven Central's spark-mllib_2.13 and spark-sql_2.13 4.1.0, Maven 3, JDK 17:
#   spark-mllib_2.13 alone:                        scala-library 2.13.13: NoSuchMethodError
#   spark-mllib_2.13, scala-library 2.13.17 first: scala-library 2.13.17: 3 rows
#   spark-sql_2.13 alone:                          scala-library 2.13.17: 3 rows
# The script fails if any of these changes. It needs JDK 17 or 21, and Maven.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/Rows.java" <<'PROGRAM'
import org.apache.spark.sql.SparkSession;

public class Rows {
    public static void main(String[] arguments) throws Exception {
        try (var spark = SparkSession.builder()
                .master("local[1]")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .getOrCreate()) {
            System.out.println(spark.range(3).count() + " rows");
        } catch (NoSuchMethodError e) {
            System.out.println(e.getClass().getSimpleName());
        }
        System.exit(0);
    }
}
PROGRAM
javac="${JAVA_HOME:+$JAVA_HOME/bin/}javac"
java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
opens=()
for package in java.base/{java.lang,java.lang.invoke,java.lang.reflect,java.io,java.net,java.nio,java.util,java.util.concurrent} \
  java.base/{java.util.concurrent.atomic,sun.nio.ch,sun.nio.cs,sun.security.action,sun.util.calendar,jdk.internal.ref}; do
  opens+=("--add-opens=$package=ALL-UNNAMED")
done

dependency() { printf '<dependency><groupId>%s</groupId><artifactId>%s</artifactId><version>%s</version></dependency>' "$@"; }

# What a project of these dependencies gets, and what a session does there.
seen() {
  local project=$work/$1
  mkdir "$project"
  printf '<project><modelVersion>4.0.0</modelVersion><groupId>example</groupId><artifactId>rows</artifactId><version>1</version>%s</project>' \
    "<dependencies>$2</dependencies>" >"$project/pom.xml"
  mvn --batch-mode --quiet -f "$project/pom.xml" dependency:build-classpath -Dmdep.outputFile="$project/classpath" >/dev/null
  tr ':' '\n' <"$project/classpath" | sed -n 's|.*/\(scala-library\)-\(2.13.*\)\.jar$|\1 \2: |p' | tr -d '\n'
  "$javac" -d "$project" -cp "$(cat "$project/classpath")" "$work/Rows.java"
  SPARK_LOCAL_IP=127.0.0.1 "$java" "${opens[@]}" -cp "$project:$(cat "$project/classpath")" Rows 2>"$project/errors" || true
}

mllib=$(dependency org.apache.spark spark-mllib_2.13 4.1.0)
alone=$(seen alone "$mllib")
pinned=$(seen pinned "$(dependency org.scala-lang scala-library 2.13.17)$mllib")
sql=$(seen sql "$(dependency org.apache.spark spark-sql_2.13 4.1.0)")
echo "spark-mllib_2.13 alone:                        $alone"
echo "spark-mllib_2.13, scala-library 2.13.17 first: $pinned"
echo "spark-sql_2.13 alone:                          $sql"
[ "$alone" = "scala-library 2.13.13: NoSuchMethodError" ]
[ "$pinned" = "scala-library 2.13.17: 3 rows" ]
[ "$sql" = "scala-library 2.13.17: 3 rows" ]
