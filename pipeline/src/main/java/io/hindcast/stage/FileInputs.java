package io.hindcast.stage;

import io.hindcast.source.Format;
import io.hindcast.source.InputFile;
import io.hindcast.table.Input;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.util.SerializableConfiguration;

/** What foreign files are known by. */
public final class FileInputs {
    private FileInputs() {}

    /** The length and the hash of each file, a Spark task a file; where it lies is noted, too. */
    public static List<Input> of(SparkSession spark, List<InputFile> files, Format format) {
        var hadoop = new SerializableConfiguration(spark.sparkContext().hadoopConfiguration());
        return JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(files, files.size())
                .map(file -> new Input(file.name(), file.bytes(), file.sha256(format, hadoop.value()), file.place()))
                .collect();
    }
}
