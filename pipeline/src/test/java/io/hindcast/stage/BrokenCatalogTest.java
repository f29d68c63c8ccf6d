package io.hindcast.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.stage.ingest.IngestConfig;
import io.hindcast.stage.ingest.IngestStage;
import io.hindcast.stage.publish.PublishConfig.TableFormat;
import io.hindcast.stage.publish.PublishConfig.Target;
import io.hindcast.stage.publish.PublishStage;
import io.hindcast.table.LocalSpark;
import io.hindcast.table.TableName;
import io.hindcast.table.Warehouse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.catalog.Table;
import org.apache.spark.sql.connector.catalog.TableCapability;
import org.apache.spark.sql.connector.catalog.TableCatalog;
import org.apache.spark.sql.connector.catalog.TableChange;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.read.LocalScan;
import org.apache.spark.sql.connector.read.ScanBuilder;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A catalogue that does not answer is not one without the table. */
class BrokenCatalogTest {
    private static final String DENIED = "Permission denied: user=me, access=READ";

    private final SparkSession spark = LocalSpark.session();
    private final List<String> said = new ArrayList<>();

    @TempDir
    Path directory;

    @BeforeEach
    void name() {
        spark.conf().set("spark.sql.catalog.broken", Broken.class.getName());
    }

    @Test
    void whatACatalogueDoesNotSayIsNotTakenForATableThatIsNotThere() throws Exception {
        Files.writeString(directory.resolve("log.csv"), "x,a,r,end,episode,t\n0,0.5,1,0,1,0\n1,0.5,1,1,1,1\n");
        IngestStage.run(context(), config("input = [\"" + directory + "/log.csv\"], format = csv\n"));
        for (var table : List.of("broken.db.hidden", "broken.db.secretive")) {
            assertThatThrownBy(() -> PublishStage.run(
                            context(), TableName.TRANSITIONS, new Target(TableFormat.ICEBERG, null, table)))
                    .isInstanceOf(UserException.class)
                    .hasMessage("Cannot publish transitions v1 to " + table + ": Cannot ask what " + table
                            + " is: it may not be read or written (" + DENIED
                            + "); change its permissions, or run hindcast as a user who has them (transitions v1 itself is"
                            + " published; run the same command again)");
        }
        assertThatThrownBy(() ->
                        PublishStage.run(context(), TableName.TRANSITIONS, new Target(null, null, "broken.db.none")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("it is not there, and publish.transitions.format does not say what to make");
    }

    @Test
    void whatCanBeReadThoughTheCatalogueDoesNotSayWhatItIsIsReadAndALineSaysWhyNoVersionIsNoted() {
        var source = "format = spark, spark.table = broken.db.secretive\n";
        IngestStage.run(context(), config(source));

        assertThat(new Warehouse(spark, out())
                        .require(TableName.TRANSITIONS)
                        .manifest()
                        .rows())
                .isEqualTo(2);
        assertThat(said)
                .contains("[ingest] Cannot ask what broken.db.secretive is: it may not be read or written (" + DENIED
                        + "); change its permissions, or run hindcast as a user who has them. It is read as it is now, and"
                        + " no version is noted");
        assertThatThrownBy(() -> IngestStage.run(context(), config(source + "spark.version = 3\n")))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith("Cannot ask what broken.db.secretive is: ");
        assertThatThrownBy(() -> IngestStage.run(context(), config(source + "append = true\n")))
                .isInstanceOf(UserException.class)
                .hasMessageStartingWith(
                        "Cannot ask what broken.db.secretive is: it may not be read or written (" + DENIED);
    }

    private IngestConfig config(String source) {
        return Settings.read(IngestConfig.class, ConfigFactory.parseString(source + """
                        dataset = d
                        action-space { type = continuous, dimension = 1 }
                        columns { observation = x, action = a, reward = r, terminated = end, episode-id = episode, step = t }
                        """), "ingest");
    }

    private String out() {
        return directory.resolve("out").toString();
    }

    private StageContext context() {
        return new StageContext(spark, new Warehouse(spark, out()), said::add);
    }

    /** Does not give away the table {@code hidden}, nor what {@code secretive} is. */
    public static final class Broken implements TableCatalog {
        @Override
        public void initialize(String name, CaseInsensitiveStringMap options) {}

        @Override
        public String name() {
            return "broken";
        }

        @Override
        public Table loadTable(Identifier identifier)
                throws org.apache.spark.sql.catalyst.analysis.NoSuchTableException {
            switch (identifier.name()) {
                case "hidden" -> throw new IllegalStateException(DENIED);
                case "secretive" -> {
                    return new Secretive();
                }
                default -> throw new org.apache.spark.sql.catalyst.analysis.NoSuchTableException(identifier);
            }
        }

        @Override
        public Identifier[] listTables(String[] namespace) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Table createTable(
                Identifier identifier, StructType schema, Transform[] partitions, Map<String, String> properties) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Table alterTable(Identifier identifier, TableChange... changes) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean dropTable(Identifier identifier) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void renameTable(Identifier from, Identifier to) {
            throw new UnsupportedOperationException();
        }
    }

    private static final class Secretive implements Table, SupportsRead {
        @Override
        public String name() {
            return "secretive";
        }

        @Override
        public StructType schema() {
            return StructType.fromDDL("x DOUBLE, a DOUBLE, r DOUBLE, end BOOLEAN, episode BIGINT, t BIGINT");
        }

        @Override
        public Map<String, String> properties() {
            throw new IllegalStateException(DENIED);
        }

        @Override
        public Set<TableCapability> capabilities() {
            return Set.of(TableCapability.BATCH_READ);
        }

        @Override
        public ScanBuilder newScanBuilder(CaseInsensitiveStringMap options) {
            return () -> new LocalScan() {
                @Override
                public InternalRow[] rows() {
                    return new InternalRow[] {
                        new GenericInternalRow(new Object[] {0.0, 0.5, 1.0, false, 1L, 0L}),
                        new GenericInternalRow(new Object[] {1.0, 0.5, 1.0, true, 1L, 1L})
                    };
                }

                @Override
                public StructType readSchema() {
                    return schema();
                }
            };
        }
    }
}
