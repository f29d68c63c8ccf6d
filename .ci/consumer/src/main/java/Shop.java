import io.hindcast.ml.OfflinePolicy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.nd4j.linalg.factory.Nd4j;

/** What a user of the library would write: visitors of two kinds, of which each clicks on the banner of its kind. */
public final class Shop {
    private Shop() {}

    /** The argument is a folder for what training writes. */
    public static void main(String[] arguments) throws IOException {
        var rows = new ArrayList<Row>();
        for (int i = 0; i < 400; i++) {
            int kind = i % 2;
            int banner = i / 2 % 2;
            rows.add(RowFactory.create((double) kind, banner, kind == banner ? 1.0 : 0.0, 0.5));
        }
        var schema = new StructType()
                .add("kind", DataTypes.DoubleType)
                .add("banner", DataTypes.IntegerType)
                .add("click", DataTypes.DoubleType)
                .add("p", DataTypes.DoubleType);
        try (var spark = SparkSession.builder()
                .master("local[1]")
                .config("spark.ui.enabled", "false")
                .getOrCreate()) {
            var policy = new OfflinePolicy()
                    .setObservationCols("kind")
                    .setActionIndexCol("banner")
                    .setActionSpace("{\"type\": \"discrete\", \"count\": 2}")
                    .setRewardCol("click")
                    .setPropensityCol("p")
                    .setLearner("iql")
                    .setUpdates(500)
                    .setOut(arguments[0]);
            var decided = policy.fit(spark.createDataFrame(rows, schema))
                    .transform(spark.createDataFrame(List.of(rows.get(0), rows.get(1)), schema))
                    .orderBy("kind")
                    .collectAsList();
            for (var row : decided) {
                System.out.println("a visitor of kind " + row.getDouble(0) + " is shown banner " + row.getAs("action_index"));
            }
        }
        // What policies are exported with.
        System.out.println("ND4J adds up to " + Nd4j.ones(3).sumNumber());
    }
}
