package io.hindcast.stage;

import io.hindcast.config.Outside;
import io.hindcast.config.UserException;
import io.hindcast.source.ColumnMapping;
import io.hindcast.source.Format;
import io.hindcast.source.InputFile;
import io.hindcast.source.ParquetFooters;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.orc.OrcFile;
import org.apache.orc.TypeDescription;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.metadata.ParquetMetadata;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation.VariantLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.datasources.orc.OrcUtils;
import org.apache.spark.sql.execution.datasources.parquet.ParquetToSparkSchemaConverter;
import org.apache.spark.sql.internal.SQLConf;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;

/** The mapped columns that a file has, with their types; of all other columns only the names are read. */
public final class FrameSchema {
    private static final int MOST_TASKS = 256;
    private static final Set<CompressionCodecName> CODECS = EnumSet.of(
            CompressionCodecName.UNCOMPRESSED,
            CompressionCodecName.SNAPPY,
            CompressionCodecName.GZIP,
            CompressionCodecName.ZSTD,
            CompressionCodecName.LZ4,
            CompressionCodecName.LZ4_RAW);

    private FrameSchema() {}

    /**
     * A mapped column.
     *
     * @param path how to select it, a name a level; empty if it is not in the file but in the file's path
     * @param type what Spark reads
     * @param leaves what the numbers and texts in it mean, in order
     */
    public record Found(List<String> path, DataType type, List<FrameLeaf> leaves) implements Serializable {
        public boolean isInPath() {
            return path.isEmpty();
        }
    }

    /**
     * The mapped columns of a file.
     *
     * @param schema what to read: no more than they need
     * @param vectorized whether Spark's reader of whole batches knows the encodings of their pages
     */
    public record Columns(List<Found> found, StructType schema, boolean vectorized) implements Serializable {
        /** In words, the same for files that are read alike. */
        public String key() {
            return vectorized + " " + schema.catalogString() + " "
                    + found.stream()
                            .map(column -> column.path() + " " + column.type().catalogString() + " " + column.leaves())
                            .collect(Collectors.joining(", "));
        }
    }

    /**
     * The mapped columns of files, in the order of the files; the tasks read nothing else of them.
     *
     * @throws UserException if a file cannot be read, or lacks one of them
     */
    public static List<Columns> of(SparkSession spark, List<InputFile> files, Format format, List<String> mapped) {
        var hadoop = new SerializableConfiguration(spark.sparkContext().hadoopConfiguration());
        var read = JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(files, Math.min(files.size(), MOST_TASKS))
                .map(file -> readOf(file, format, mapped, hadoop.value()))
                .collect();
        for (var file : read) {
            if (file.fault() != null) {
                throw file.fault();
            }
        }
        return read.stream().map(Read::columns).toList();
    }

    /** What came of reading a file, so that of several faults the first file's is told. */
    private record Read(Columns columns, @Nullable UserException fault) implements Serializable {}

    private static Read readOf(InputFile file, Format format, List<String> mapped, Configuration hadoop) {
        try {
            return new Read(of(file, format, mapped, hadoop), null);
        } catch (UserException e) {
            return new Read(new Columns(List.of(), new StructType(), true), e);
        }
    }

    private static Columns of(InputFile file, Format format, List<String> mapped, Configuration hadoop) {
        try {
            return format == Format.ORC ? orc(file, mapped, hadoop) : parquet(file, mapped, hadoop);
        } catch (Exception e) { // a broken byte may lead to any, and Spark does not declare what it throws
            throw unreadable(file, format, e);
        }
    }

    private static UserException unreadable(InputFile file, Format format, Exception e) {
        var cause = ExceptionUtils.throwableOfType(e, UserException.class);
        if (cause != null) {
            return cause;
        }
        var outside = Outside.of(e);
        if (outside.isPresent()) {
            return new UserException(
                    "Cannot read " + file.name() + ": " + outside.get().reason() + "; "
                            + outside.get().cure(),
                    e);
        }
        var root = ExceptionUtils.getRootCauseMessage(e).lines().findFirst().orElse("");
        return new UserException(
                "Cannot read " + file.name() + ": "
                        + (root.contains("ParquetCryptoRuntimeException")
                                ? "it is encrypted; write it again without encryption"
                                : root + "; the file is damaged or not "
                                        + (format == Format.ORC ? "ORC" : "Parquet")
                                        + ", copy it again or set format"),
                e);
    }

    private static Columns parquet(InputFile file, List<String> mapped, Configuration hadoop) throws IOException {
        var footer = ParquetFooters.read(file, hadoop);
        var message = footer.getFileMetaData().getSchema();
        var names = message.getFields().stream().map(Type::getName).toList();
        var top = new ArrayList<StructField>();
        var leaves = new ArrayList<List<FrameLeaf>>();
        for (var name : holders(mapped, names, file)) {
            var meanings = new ArrayList<FrameLeaf>();
            var column = new MessageType(name, plain(message.getType(names.indexOf(name)), meanings));
            top.add(converted(column, file));
            leaves.add(meanings);
        }
        var columns = columns(top, leaves, mapped, file);
        return new Columns(
                columns.found(),
                columns.schema(),
                isVectorized(footer, path -> columns.found().stream().anyMatch(column -> isOf(column, path)), file));
    }

    /**
     * Whether Spark's reader of whole batches knows the encodings of all columns of Parquet files; its other reader knows more of them.
     *
     * @throws UserException if a file cannot be read, or no reader at all knows how it is compressed
     */
    public static boolean areVectorized(SparkSession spark, List<InputFile> files) {
        var hadoop = new SerializableConfiguration(spark.sparkContext().hadoopConfiguration());
        return JavaSparkContext.fromSparkContext(spark.sparkContext())
                .parallelize(files, Math.min(files.size(), MOST_TASKS))
                .map(file -> isVectorized(file, hadoop.value()))
                .collect()
                .stream()
                .allMatch(vectorized -> vectorized);
    }

    private static boolean isVectorized(InputFile file, Configuration hadoop) {
        try {
            return isVectorized(ParquetFooters.read(file, hadoop), path -> true, file);
        } catch (Exception e) { // a broken byte may lead to any
            throw unreadable(file, Format.PARQUET, e);
        }
    }

    private static StructField converted(MessageType column, InputFile file) {
        try {
            return new ParquetToSparkSchemaConverter(parquetTypes())
                    .convert(column)
                    .fields()[0];
        } catch (Exception e) { // Spark does not declare what it throws
            throw new UserException(
                    "Cannot read column '" + column.getName() + "' of " + file.name() + ": its Parquet type "
                            + column.getType(0).toString().replaceAll("\\s+", " ")
                            + " is not known; map other columns, or write it again as numbers or lists of numbers",
                    e);
        }
    }

    /** By their names, whatever a session is set to: which of them there are differs between versions of Spark. */
    private static SQLConf parquetTypes() {
        var types = new SQLConf();
        types.setConfString("spark.sql.caseSensitive", "true");
        types.setConfString("spark.sql.parquet.binaryAsString", "false");
        types.setConfString("spark.sql.parquet.int96AsTimestamp", "true");
        types.setConfString("spark.sql.parquet.inferTimestampNTZ.enabled", "true");
        types.setConfString("spark.sql.parquet.fieldId.read.enabled", "false");
        types.setConfString("spark.sql.legacy.parquet.nanosAsLong", "false");
        types.setConfString("spark.sql.parquet.ignoreVariantAnnotation", "true");
        return types;
    }

    /** A type in which every leaf has a type that Spark knows, and what the leaves mean. */
    private static Type plain(Type type, List<FrameLeaf> leaves) {
        if (!type.isPrimitive()) {
            var group = type.asGroupType();
            var fields = group.getFields().stream()
                    .map(field -> plain(field, leaves))
                    .toList();
            return group.getLogicalTypeAnnotation() instanceof VariantLogicalTypeAnnotation
                    ? new GroupType(group.getRepetition(), group.getName(), fields)
                    : group.withNewFields(fields);
        }
        var primitive = type.asPrimitiveType();
        var leaf = FrameLeaf.of(primitive);
        leaves.add(leaf);
        return leaf.kind() == FrameLeaf.Kind.PLAIN
                ? type
                : new PrimitiveType(
                        type.getRepetition(),
                        primitive.getPrimitiveTypeName(),
                        primitive.getTypeLength(),
                        type.getName());
    }

    /**
     * Whether Spark's reader of whole batches knows all encodings of the pages of the columns that are read.
     *
     * @throws UserException if no reader at all knows how they are compressed
     */
    private static boolean isVectorized(ParquetMetadata footer, Predicate<List<String>> isRead, InputFile file) {
        var vectorized = true;
        for (var block : footer.getBlocks()) {
            for (var chunk : block.getColumns()) {
                var path = List.of(chunk.getPath().toArray());
                if (!isRead.test(path)) {
                    continue;
                }
                if (!CODECS.contains(chunk.getCodec())) {
                    throw new UserException(
                            "Cannot read column '" + chunk.getPath().toDotString() + "' of "
                                    + file.name() + ": it is compressed with " + chunk.getCodec()
                                    + ", which is not read; write the file again with zstd, snappy or gzip");
                }
                vectorized &= !chunk.getEncodings().contains(Encoding.BYTE_STREAM_SPLIT);
            }
        }
        return vectorized;
    }

    /** Whether a column of numbers or texts, by its path in Parquet, belongs to a mapped one: lists and maps add levels. */
    private static boolean isOf(Found column, List<String> path) {
        var levels = column.path().iterator();
        if (!levels.hasNext() || !levels.next().equals(path.get(0))) {
            return false;
        }
        var next = levels.hasNext() ? levels.next() : null;
        for (var name : path.subList(1, path.size())) {
            if (name.equals(next)) {
                next = levels.hasNext() ? levels.next() : null;
            }
        }
        return next == null;
    }

    private static Columns orc(InputFile file, List<String> mapped, Configuration hadoop) throws IOException {
        TypeDescription whole;
        try (var reader = OrcFile.createReader(new Path(file.path()), OrcFile.readerOptions(hadoop))) {
            whole = reader.getSchema();
        }
        var names = whole.getFieldNames();
        var top = new ArrayList<StructField>();
        var leaves = new ArrayList<List<FrameLeaf>>();
        for (var name : holders(mapped, names, file)) {
            var column = TypeDescription.createStruct()
                    .addField(name, whole.getChildren().get(names.indexOf(name)).clone());
            top.add(OrcUtils.toCatalystSchema(column).fields()[0]);
            leaves.add(plain(top.get(top.size() - 1).dataType()));
        }
        return columns(top, leaves, mapped, file);
    }

    /** The top columns that hold mapped ones, in the order of the file. */
    private static List<String> holders(List<String> mapped, List<String> names, InputFile file) {
        var inPath = PathColumns.of(file).keySet();
        var holders = mapped.stream()
                .filter(name -> !isInPath(name, names, inPath))
                .map(name -> ColumnMapping.holder(name, names, file.name()))
                .collect(Collectors.toSet());
        return names.stream().filter(holders::contains).distinct().toList();
    }

    private static boolean isInPath(String name, List<String> names, Set<String> inPath) {
        return inPath.contains(name) && ColumnMapping.held(name, names).isEmpty();
    }

    private static Columns columns(
            List<StructField> top, List<List<FrameLeaf>> leaves, List<String> mapped, InputFile file) {
        var schema = new StructType(top.toArray(StructField[]::new));
        var names = List.of(schema.fieldNames());
        var inPath = PathColumns.of(file).keySet();
        var all = leaves.stream().flatMap(List::stream).toList();
        var found = mapped.stream()
                .map(name -> isInPath(name, names, inPath)
                        ? new Found(List.of(), DataTypes.StringType, List.of(FrameLeaf.PLAIN))
                        : mapped(schema, all, name, file.name()))
                .toList();
        return new Columns(found, pruned(schema, found), true);
    }

    /**
     * The mapped columns of a source whose types Spark knows.
     *
     * @throws UserException if it lacks one
     */
    public static List<Found> mapped(StructType schema, List<String> mapped, String source) {
        var leaves = plain(schema);
        return mapped.stream().map(name -> mapped(schema, leaves, name, source)).toList();
    }

    /** A column of that name, else a field of a struct, or of each struct in a list. */
    private static Found mapped(StructType schema, List<FrameLeaf> leaves, String name, String file) {
        var path = new ArrayList<String>();
        DataType type = schema;
        var from = 0;
        var lists = 0;
        var rest = "." + name;
        while (!rest.isEmpty()) {
            if (type instanceof ArrayType array && array.elementType() instanceof StructType) {
                type = array.elementType();
                lists++;
            }
            if (!(type instanceof StructType struct) || struct.isEmpty()) {
                throw new UserException("Cannot use column '" + name + "' of " + file + ": " + String.join(".", path)
                        + " is of type " + type.catalogString() + " and has no fields; name the column itself");
            }
            var field = ColumnMapping.holder(rest.substring(1), List.of(struct.fieldNames()), file);
            for (var other : struct.fields()) {
                if (other.name().equals(field)) {
                    break;
                }
                from += plain(other.dataType()).size();
            }
            path.add(field);
            type = struct.apply(field).dataType();
            rest = rest.substring(1 + field.length());
        }
        var own = List.copyOf(leaves.subList(from, from + plain(type).size()));
        for (; lists > 0; lists--) {
            type = new ArrayType(type, true);
        }
        return new Found(List.copyOf(path), type, own);
    }

    /** A plain leaf for every number or text in a type. */
    private static List<FrameLeaf> plain(DataType type) {
        var leaves = new ArrayList<FrameLeaf>();
        if (type instanceof StructType struct) {
            Arrays.stream(struct.fields()).forEach(field -> leaves.addAll(plain(field.dataType())));
        } else if (type instanceof ArrayType array) {
            leaves.addAll(plain(array.elementType()));
        } else if (type instanceof MapType map) {
            leaves.addAll(plain(map.keyType()));
            leaves.addAll(plain(map.valueType()));
        } else {
            leaves.add(FrameLeaf.PLAIN);
        }
        return leaves;
    }

    /** Only the columns and fields on the way to the mapped ones. */
    private static StructType pruned(StructType schema, List<Found> found) {
        return (StructType) pruned(
                schema,
                found.stream()
                        .filter(column -> !column.isInPath())
                        .map(Found::path)
                        .toList());
    }

    private static DataType pruned(DataType type, List<List<String>> paths) {
        if (paths.stream().anyMatch(List::isEmpty)) {
            return type;
        }
        if (type instanceof ArrayType array) {
            return new ArrayType(pruned(array.elementType(), paths), array.containsNull());
        }
        var kept = new ArrayList<StructField>();
        for (var field : ((StructType) type).fields()) {
            var below = paths.stream()
                    .filter(path -> path.get(0).equals(field.name()))
                    .map(path -> path.subList(1, path.size()))
                    .toList();
            if (!below.isEmpty()) {
                kept.add(new StructField(
                        field.name(), pruned(field.dataType(), below), field.nullable(), field.metadata()));
            }
        }
        return new StructType(kept.toArray(StructField[]::new));
    }

    /** What values say; two types of one kind say the same. */
    private enum Kind {
        NUMBER,
        FLAG,
        TEXT,
        DAY,
        TIME,
        CLOCK,
        NOTHING,
        OTHER
    }

    /**
     * Whether a column says the same in two files, whatever the types: any two types of numbers do, flags are numbers, days are
     * times, and a column without any value agrees with all. Where names are read, a number is its digits and a day its text.
     *
     * @param isName whether the column's values are read as names only
     * @throws UserException if it does not
     */
    public static void requireAlike(
            String column, boolean isName, Found first, String firstFile, Found found, String file) {
        if (first.isInPath() || found.isInPath()) {
            return;
        }
        if (!alike(
                first.type(),
                first.leaves().iterator(),
                found.type(),
                found.leaves().iterator(),
                isName)) {
            throw new UserException("Cannot read column '" + column + "' of " + file + ": it is of type "
                    + word(found) + ", and of type " + word(first) + " in " + firstFile
                    + "; ingest them apart, or write one of them again");
        }
    }

    private static String word(Found found) {
        return found.leaves().stream()
                .filter(leaf -> leaf.kind() != FrameLeaf.Kind.PLAIN)
                .findFirst()
                .map(leaf -> found.type() instanceof ArrayType ? "list of " + leaf.name() : leaf.name())
                .orElse(found.type().catalogString());
    }

    private static boolean alike(
            DataType one, Iterator<FrameLeaf> leaf, DataType other, Iterator<FrameLeaf> otherLeaf, boolean isName) {
        if (one instanceof ArrayType a && other instanceof ArrayType b) {
            return alike(a.elementType(), leaf, b.elementType(), otherLeaf, isName);
        }
        if (one instanceof MapType a && other instanceof MapType b) {
            return alike(a.keyType(), leaf, b.keyType(), otherLeaf, true)
                    && alike(a.valueType(), leaf, b.valueType(), otherLeaf, false);
        }
        var kind = kind(one, leaf);
        var otherKind = kind(other, otherLeaf);
        if (kind == Kind.NOTHING || otherKind == Kind.NOTHING) {
            return true;
        }
        if (kind == Kind.OTHER || otherKind == Kind.OTHER) {
            return one.equals(other);
        }
        return kind == otherKind
                || (isName
                        ? are(kind, otherKind, Kind.NUMBER, Kind.TEXT) || are(kind, otherKind, Kind.DAY, Kind.TEXT)
                        : are(kind, otherKind, Kind.NUMBER, Kind.FLAG) || are(kind, otherKind, Kind.DAY, Kind.TIME));
    }

    private static boolean are(Kind kind, Kind otherKind, Kind one, Kind other) {
        return (kind == one && otherKind == other) || (kind == other && otherKind == one);
    }

    private static Kind kind(DataType type, Iterator<FrameLeaf> leaves) {
        if (type instanceof ArrayType || type instanceof MapType || type instanceof StructType) {
            return Kind.OTHER;
        }
        return switch (leaves.next().kind()) {
            case NOTHING -> Kind.NOTHING;
            case NANOS -> Kind.TIME;
            case MILLIS_OF_DAY, MICROS_OF_DAY, NANOS_OF_DAY -> Kind.CLOCK;
            case HALF, DECIMAL -> Kind.NUMBER;
            case UUID -> Kind.TEXT;
            case OTHER -> Kind.OTHER;
            case PLAIN ->
                type instanceof NumericType
                        ? Kind.NUMBER
                        : type instanceof BooleanType
                                ? Kind.FLAG
                                : type instanceof StringType
                                        ? Kind.TEXT
                                        : type instanceof DateType
                                                ? Kind.DAY
                                                : type instanceof TimestampType || type instanceof TimestampNTZType
                                                        ? Kind.TIME
                                                        : type instanceof NullType ? Kind.NOTHING : Kind.OTHER;
        };
    }
}
