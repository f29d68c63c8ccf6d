#!/usr/bin/env bash
# Delta 4.4.0 on Spark 4.1.0: the option userMetadata is lost, without a word, when a write creates a table of the catalogue.
#
# Delta keeps a text of the writer's with each version of a table, as the option userMetadata of the write; DESCRIBE HISTORY shows it. Who
# copies a dataset into a Delta table writes there what the copy is of, so that the next run sees that nothing is left to do. A good
# engineer expects the option to work with each way to write. It does with createOrReplace and append of writeTo, with saveAsTable on a
# table that is there, and with save to a path. With create of writeTo, and with saveAsTable where there is no table yet, it is accepted and
# dropped: the first version, and only that one, says nothing. The session's setting
# spark.databricks.delta.commitInfo.userMetadata works there too. (saveAsTable: delta-io/delta#2037, of Delta 2.4.0, still open.)
#
# Seen with Maven Central's delta-spark_4.1_2.13 4.4.0 and spark-sql_2.13 4.1.0, JDK 17:
#   writeTo create:            null
#   writeTo createOrReplace:   note
#   writeTo append:            note
#   saveAsTable, new:          null
#   saveAsTable, overwriting:  note
#   save to a path:            note
#   create, with the setting:  note
# The script fails if any of these changes. It needs JDK 17 or 21, and Maven.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat >"$work/Notes.java" <<'PROGRAM'
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

public class Notes {
    private static final String SETTING = "spark.databricks.delta.commitInfo.userMetadata";

    public static void main(String[] arguments) throws Exception {
        try (var spark = SparkSession.builder()
                .master("local[1]")
                .config("spark.ui.enabled", "false")
                .config("spark.driver.host", "127.0.0.1")
                .config("spark.sql.warehouse.dir", arguments[0])
                .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
                .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
                .getOrCreate()) {
            Dataset<Row> rows = spark.range(3).toDF();
            rows.writeTo("a").using("delta").option("userMetadata", "note").create();
            tell(spark, "writeTo create", "a");
            rows.writeTo("b").using("delta").option("userMetadata", "note").createOrReplace();
            tell(spark, "writeTo createOrReplace", "b");
            rows.writeTo("a").option("userMetadata", "note").append();
            tell(spark, "writeTo append", "a");
            rows.write().format("delta").option("userMetadata", "note").saveAsTable("c");
            tell(spark, "saveAsTable, new", "c");
            rows.write().format("delta").mode("overwrite").option("userMetadata", "note").saveAsTable("c");
            tell(spark, "saveAsTable, overwriting", "c");
            rows.write().format("delta").option("userMetadata", "note").save(arguments[0] + "/e");
            tell(spark, "save to a path", "delta.`" + arguments[0] + "/e`");
            spark.conf().set(SETTING, "note");
            rows.writeTo("d").using("delta").create();
            tell(spark, "create, with the setting", "d");
        }
        System.exit(0);
    }

    /** What the newest version of a table says. */
    private static void tell(SparkSession spark, String how, String table) {
        var version = spark.sql("DESCRIBE HISTORY " + table + " LIMIT 1").first();
        System.out.printf("%-26s %s%n", how + ":", version.<String>getAs("userMetadata"));
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
printf '<project><modelVersion>4.0.0</modelVersion><groupId>example</groupId><artifactId>notes</artifactId><version>1</version>%s</project>' \
  "<dependencies>$(dependency org.apache.spark spark-sql_2.13 4.1.0)$(dependency io.delta delta-spark_4.1_2.13 4.4.0)</dependencies>" \
  >"$work/pom.xml"
mvn --batch-mode --no-transfer-progress --quiet -f "$work/pom.xml" dependency:build-classpath -Dmdep.outputFile="$work/classpath" >/dev/null
"$javac" -d "$work" -cp "$(cat "$work/classpath")" "$work/Notes.java"
cd "$work"
SPARK_LOCAL_IP=127.0.0.1 "$java" "${opens[@]}" -cp "$work:$(cat "$work/classpath")" Notes "$work/tables" 2>errors | tee seen || { tail -5 errors; exit 1; }
diff seen - <<'SEEN'
writeTo create:            null
writeTo createOrReplace:   note
writeTo append:            note
saveAsTable, new:          null
saveAsTable, overwriting:  note
save to a path:            note
create, with the setting:  note
SEEN
echo "as described"
