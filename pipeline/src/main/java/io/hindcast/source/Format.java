package io.hindcast.source;

import io.hindcast.config.Outside;
import io.hindcast.config.Shown;
import io.hindcast.config.UserException;
import io.hindcast.timeline.FileKind;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;

/** The formats of foreign files. */
public enum Format implements FileKind {
    NPZ(".npz"),
    CSV(".csv", ".csv.gz", ".csv.zst"),
    JSON(".json", ".jsonl", ".json.gz", ".jsonl.gz", ".json.zst", ".jsonl.zst"),
    PARQUET(".parquet"),
    ORC(".orc"),
    AVRO(".avro"),
    /** Arrow's IPC streams and files, see {@link ArrowStream}. */
    ARROW(".arrow", ".arrows", ".ipc", ".feather"),
    /** One flat HDF5 file, see {@link D4rlHdf5}. */
    D4RL_HDF5(".hdf5", ".h5"),
    /** HDF5 with a group an episode, see {@link MinariHdf5}. */
    MINARI(MinariHdf5.MAIN, ".hdf5", ".h5"),
    /** HDF5 with numbered arrays an episode, see {@link D3rlpyHdf5}. */
    D3RLPY(".h5", ".hdf5"),
    /** HDF5 with a group a demonstration, see {@link RobomimicHdf5}. */
    ROBOMIMIC(".hdf5", ".h5"),
    /** Episodes of RLDS in the files of TFDS, see {@link Tfds}. */
    TFDS(".tfrecord", ".tfrecords", ".tfrecord.gz", ".array_record"),
    /** Parquet with an episode in MessagePack a row, see {@link RllibEpisodes}. */
    RLLIB_EPISODES(".parquet"),
    /** The folder of a replay buffer's arrays, see {@link TorchRl}. */
    TORCHRL("storage"),
    /** Decisions of contextual bandits, as JSON lines or text, see {@link VowpalWabbitReader}. */
    VOWPAL_WABBIT(".dsjson", ".json", ".jsonl", ".txt", ".vw", ".dat", ".log"),
    /** Any source that Spark knows: it has rows, but no files that could be told apart. */
    SPARK("");

    private final String first;
    private final String rest;

    Format(String first, String... rest) {
        this.first = first;
        this.rest = String.join(" ", rest);
    }

    /** How the names of such files end, as far as the endings are no part of what {@link #stem} gives. */
    private List<String> suffixes() {
        return rest.isEmpty() ? List.of(first) : List.of((first + " " + rest).split(" "));
    }

    /** Whether a file in a folder is one of this format by its name. */
    boolean isNameOf(String name) {
        var lower = name.toLowerCase(Locale.ROOT);
        var plain = isText() && Magic.packing(lower) != null ? lower.substring(0, lower.lastIndexOf('.')) : lower;
        return suffixes().stream().anyMatch(plain::endsWith)
                || (this == JSON && plain.endsWith(".ndjson"))
                || (this == MINARI && MinariTables.isPart(name))
                || (this == TFDS && Tfds.isShard(name));
    }

    /** Whether a file in a folder is no log but belongs to one of this format, so that nobody misses it. */
    boolean isCompanion(String name) {
        return switch (this) {
            case TFDS -> List.of("features.json", "dataset_info.json").contains(name);
            case MINARI -> List.of("metadata.json", "namespace_metadata.json").contains(name);
            case PARQUET, ARROW ->
                List.of("dataset_info.json", "dataset_infos.json", "features.json", "state.json")
                        .contains(name);
            default -> false;
        };
    }

    /** How the names of such files end, for messages. */
    String endings() {
        return switch (this) {
            case CSV -> ".csv, perhaps with .gz, .bz2 or .zst after it,";
            case JSON -> ".json, .jsonl or .ndjson, perhaps with .gz, .bz2 or .zst after it,";
            case TORCHRL -> "storage/meta.json as TorchRL dumps it";
            default -> String.join(" or ", suffixes());
        };
    }

    @Override
    public String stem(String name) {
        return suffixes().stream()
                .filter(name.toLowerCase(Locale.ROOT)::endsWith)
                .mapToInt(String::length)
                .max()
                .stream()
                .mapToObj(length -> name.substring(0, name.length() - length))
                .findFirst()
                .orElse(name);
    }

    @Override
    public boolean ordersRows() {
        return this != SPARK;
    }

    /** Whether Spark reads it, and may split a file between tasks. */
    public boolean isFrame() {
        return this == PARQUET || this == ORC || this == SPARK;
    }

    private boolean isText() {
        return this == CSV || this == JSON || this == VOWPAL_WABBIT;
    }

    /** Whether the files themselves say what is in them, and are read in parts by {@link PlannedLogs}. */
    public boolean isPlanned() {
        return switch (this) {
            case D4RL_HDF5, MINARI, D3RLPY, ROBOMIMIC, TFDS, RLLIB_EPISODES, TORCHRL, VOWPAL_WABBIT -> true;
            case NPZ, CSV, JSON, PARQUET, ORC, AVRO, ARROW, SPARK -> false;
        };
    }

    /** Whether its files hold whole episodes, so that neither a column nor a flag has to tell them apart. */
    public boolean holdsEpisodes() {
        return this == MINARI || this == D3RLPY || this == ROBOMIMIC || this == TFDS || this == VOWPAL_WABBIT;
    }

    /**
     * Opens a file that is read without Spark.
     *
     * @param name the file's name, for messages
     * @param in its bytes, already decompressed; closed with the reader
     * @param wanted the columns that are read
     * @throws UserException if it is not such a file
     * @throws IllegalStateException for what Spark reads, and what {@link PlannedLogs} reads
     */
    public RowReader open(String name, InputStream in, Wanted wanted) {
        return switch (this) {
            case CSV -> new CsvReader(name, Magic.require(name, in, this), wanted);
            case JSON -> new JsonLinesReader(name, Magic.require(name, in, this), wanted);
            case NPZ -> new NpzReader(name, in, wanted);
            case AVRO -> new AvroReader(name, in, wanted);
            case ARROW -> new ArrowReader(name, in, wanted);
            case PARQUET, ORC, SPARK -> throw new IllegalStateException(this + " is read by Spark");
            case D4RL_HDF5, MINARI, D3RLPY, ROBOMIMIC, TFDS, RLLIB_EPISODES, TORCHRL, VOWPAL_WABBIT ->
                throw new IllegalStateException(this + " is read in parts");
        };
    }

    /** The error for a file that cannot be read to its end. */
    static UserException damaged(String name, Exception e) {
        var outside = Outside.of(e);
        if (outside.isPresent()) {
            return new UserException(
                    "Cannot read " + name + ": " + outside.get().reason() + "; "
                            + outside.get().cure(),
                    e);
        }
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        var reason = root instanceof IOException ? String.valueOf(root.getMessage()) : root.toString();
        return new UserException(
                "Cannot read " + name + ": "
                        + Shown.of(reason.lines().findFirst().orElse("no reason is known"))
                        + "; the file is damaged or of another format, copy it again or set format",
                e);
    }
}
