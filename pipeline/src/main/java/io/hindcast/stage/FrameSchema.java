package io.hindcast.stage;

import io.hindcast.config.UserException;
import io.hindcast.source.ColumnMapping;
import io.hindcast.source.Format;
import io.hindcast.source.InputFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.Footer;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.datasources.orc.OrcUtils;
import org.apache.spark.sql.execution.datasources.parquet.ParquetFileFormat;
import org.apache.spark.sql.execution.datasources.parquet.ParquetToSparkSchemaConverter;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/** Which columns a file has, and of which types. */
final class FrameSchema {
    private static final int MOST_TASKS = 256;

    private FrameSchema() {}

    /** A mapped column: its type, and how to select it, a name a level. */
    record Found(List<String> path, DataType type) {}

    /**
     * The schemas of files, in their order; the tasks read nothing else of them.
     *
     * @throws UserException if one cannot be read
     */
    static List<StructType> of(SparkSession spark, List<InputFile> files, Format format) {
        var hadoop = new SerializableConfiguration(spark.sparkContext().hadoopConfiguration());
        return JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(files, Math.min(files.size(), MOST_TASKS))
                .map(file -> of(file, format, hadoop.value()).json())
                .collect()
                .stream()
                .map(json -> (StructType) DataType.fromJson(json))
                .toList();
    }

    private static StructType of(InputFile file, Format format, Configuration hadoop) {
        try {
            return format == Format.ORC ? orc(file, hadoop) : parquet(file, hadoop);
        } catch (Exception e) { // a broken byte may lead to any, and Spark does not declare what it throws
            var cause = ExceptionUtils.throwableOfType(e, UserException.class);
            var root = ExceptionUtils.getRootCauseMessage(e).lines().findFirst().orElse("");
            throw cause != null
                    ? cause
                    : new UserException(
                            "Cannot read " + file.name() + ": " + root + "; the file is damaged or not "
                                    + (format == Format.ORC ? "ORC" : "Parquet") + ", copy it again or set format",
                            e);
        }
    }

    private static StructType parquet(InputFile file, Configuration hadoop) throws IOException {
        var path = new Path(file.path());
        try (var reader = ParquetFileReader.open(HadoopInputFile.fromPath(path, hadoop))) {
            return ParquetFileFormat.readSchemaFromFooter(
                    new Footer(path, reader.getFooter()),
                    new ParquetToSparkSchemaConverter(false, true, true, true, false, false, false));
        }
    }

    private static StructType orc(InputFile file, Configuration hadoop) {
        var schema = OrcUtils.readSchema(new Path(file.path()), hadoop, false);
        return schema.isEmpty() ? new StructType() : OrcUtils.toCatalystSchema(schema.get());
    }

    /**
     * The mapped columns of a file: a column of that name, else a field of a struct.
     *
     * @throws UserException if it has one of them not
     */
    static List<Found> mapped(StructType schema, List<String> mapped, String file) {
        var all = new ArrayList<Found>();
        for (var name : mapped) {
            var holder = ColumnMapping.holder(name, List.of(schema.fieldNames()), file);
            var path = new ArrayList<>(List.of(holder));
            var type = schema.apply(holder).dataType();
            var rest = name.substring(holder.length());
            while (!rest.isEmpty()) {
                var names = type instanceof StructType struct ? List.of(struct.fieldNames()) : List.<String>of();
                if (names.isEmpty()) {
                    throw new UserException("Cannot use column '" + name + "' of " + file + ": "
                            + String.join(".", path) + " is of type " + type.catalogString()
                            + " and has no fields; name the column itself");
                }
                var field = ColumnMapping.holder(rest.substring(1), names, file);
                path.add(field);
                type = ((StructType) type).apply(field).dataType();
                rest = rest.substring(1 + field.length());
            }
            all.add(new Found(List.copyOf(path), type));
        }
        return all;
    }

    /**
     * Whether the two types of a column in two files say the same in other widths.
     *
     * @throws UserException if they do not
     */
    static void requireAlike(String column, DataType first, String firstFile, DataType type, String file) {
        if (!alike(first, type)) {
            throw new UserException("Cannot read column '" + column + "' of " + file + ": it is of type "
                    + type.catalogString() + ", and of type " + first.catalogString() + " in " + firstFile
                    + "; ingest them apart, or write one of them again");
        }
    }

    private static boolean alike(DataType one, DataType other) {
        if (one instanceof ArrayType a && other instanceof ArrayType b) {
            return alike(a.elementType(), b.elementType());
        }
        if (one instanceof MapType a && other instanceof MapType b) {
            return alike(a.keyType(), b.keyType()) && alike(a.valueType(), b.valueType());
        }
        return one.equals(other)
                || (one instanceof IntegralType && other instanceof IntegralType)
                || (isReal(one) && isReal(other));
    }

    private static boolean isReal(DataType type) {
        return type instanceof FloatType || type instanceof DoubleType;
    }

    /** The types of the mapped columns in words, the same for files that are read alike. */
    static String key(List<Found> found) {
        return found.stream()
                .map(column -> column.path() + " " + column.type().catalogString())
                .collect(Collectors.joining(", "));
    }

    /** The top columns of the mapped ones. */
    static StructType pruned(StructType schema, List<Found> found) {
        var names = found.stream().map(column -> column.path().get(0)).collect(Collectors.toSet());
        return new StructType(Arrays.stream(schema.fields())
                .filter(field -> names.contains(field.name()))
                .toArray(org.apache.spark.sql.types.StructField[]::new));
    }
}
