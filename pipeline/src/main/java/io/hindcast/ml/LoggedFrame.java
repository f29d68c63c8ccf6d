package io.hindcast.ml;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import io.hindcast.config.Settings;
import io.hindcast.config.UserException;
import io.hindcast.stage.StageContext;
import io.hindcast.stage.ingest.IngestConfig;
import io.hindcast.stage.ingest.IngestStage;
import io.hindcast.table.Warehouse;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A frame of what was logged, as transitions in an output directory of its own. */
final class LoggedFrame {
    private static final Logger LOG = LoggerFactory.getLogger(LoggedFrame.class);

    private LoggedFrame() {}

    /**
     * Ingests a frame, and goes on with it.
     *
     * @param name of the directory, and for messages
     * @param out where that is made
     * @param section of {@code ingest}, without what to read
     * @throws UserException if the frame is of no use
     */
    static <T> T ingested(Dataset<Row> frame, String name, String out, Config section, Function<StageContext, T> then) {
        var spark = frame.sparkSession();
        // It is read several times, and must be the same each time.
        var isOurs = frame.storageLevel().equals(StorageLevel.NONE());
        if (isOurs) {
            frame.persist(StorageLevel.MEMORY_AND_DISK());
        }
        try {
            var source = new HashMap<String, Object>();
            source.put("format", "spark");
            source.put("spark", Map.of("table", name));
            source.put("dataset", "logged");
            var context = new StageContext(spark, new Warehouse(spark, out + "/" + name), LOG::info);
            IngestStage.run(
                    context,
                    frame,
                    Settings.read(IngestConfig.class, section.withFallback(ConfigFactory.parseMap(source)), "ingest"));
            return then.apply(context);
        } finally {
            if (isOurs) {
                frame.unpersist();
            }
        }
    }

    /**
     * A param that is a section.
     *
     * @throws UserException if it cannot be read
     */
    static Config json(String text, String param) {
        try {
            return ConfigFactory.parseString(text);
        } catch (ConfigException e) {
            throw new UserException("Cannot read " + param + " = " + text + ": " + e.getMessage() + "; give JSON", e);
        }
    }
}
