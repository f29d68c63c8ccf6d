package io.hindcast.table;

import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.commons.lang3.EnumUtils;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.execution.datasources.LogicalRelation;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.sources.RelationProvider;
import scala.collection.immutable.Map;

/**
 * Tables as a source of Spark's, in any of its languages: {@code spark.read().format("hindcast").option("table",
 * "transitions").load(OUT)}. It is the version that belongs to what is published together in OUT, or the one of the option
 * {@code version}; Spark reads only the columns that a query takes.
 */
public final class HindcastSource implements RelationProvider, DataSourceRegister {
    /** Spark makes it by its name. */
    public HindcastSource() {}

    @Override
    public String shortName() {
        return "hindcast";
    }

    /**
     * A version's rows.
     *
     * @throws UserException if there is no such table, or none is published
     */
    @Override
    public BaseRelation createRelation(SQLContext context, Map<String, String> options) {
        var out = option(options, "path");
        if (out.isEmpty()) {
            throw new UserException(
                    "Cannot read a table: no output directory is given; load(OUT), in SQL OPTIONS (path 'OUT')");
        }
        var warehouse = new Warehouse(context.sparkSession(), out);
        var frame = warehouse.read(version(warehouse, table(options), option(options, "version")));
        // What reads these files well is Spark's own.
        return ((LogicalRelation) frame.queryExecution().analyzed()).relation();
    }

    private static String option(Map<String, String> options, String name) {
        return options.get(name).isEmpty() ? "" : options.apply(name);
    }

    private static TableName table(Map<String, String> options) {
        var tables = Stream.of(TableName.values()).map(TableName::directory).toList();
        var given = option(options, "table");
        if (given.isEmpty()) {
            throw new UserException(
                    "Cannot read a table: the option table is not given; it is one of " + String.join(", ", tables));
        }
        var table = EnumUtils.getEnum(TableName.class, given.toUpperCase(Locale.ROOT));
        if (table == null) {
            throw Settings.unknown("table", given, tables, "");
        }
        return table;
    }

    private static TableVersion version(Warehouse warehouse, TableName table, String given) {
        if (given.isEmpty()) {
            return warehouse.require(table);
        }
        var digits = given.startsWith("v") ? given.substring(1) : given;
        return warehouse
                .find(table, version -> digits.equals(Integer.toString(version.number())))
                .orElseThrow(() -> new UserException("Cannot read version " + given + " of " + table + " in "
                        + warehouse.root() + ": there is no such version; "
                        + warehouse
                                .latest(table)
                                .map(latest -> "the last one is " + latest.number())
                                .orElse("there is none of that table")));
    }
}
