package io.hindcast.source;

import java.util.regex.Pattern;

/** Which format an HDF5 file looks like, for messages about one that was read as another. */
final class Hdf5Kinds {
    private static final Pattern MINARI = Pattern.compile("episode_\\d+");
    private static final Pattern D3RLPY = Pattern.compile("(observations|actions|rewards|terminated)_\\d+(_\\d+)?");
    private static final Pattern ROBOMIMIC = Pattern.compile("demo_\\d+");

    private Hdf5Kinds() {}

    /** What to do with a file that is not as its format says. */
    static String advice(Hdf5File.Group root) {
        var names = root.names();
        if (names.stream().anyMatch(name -> MINARI.matcher(name).matches())) {
            return "it looks like Minari's, so set format = minari (conf/ingest/minari.conf)";
        }
        if (names.stream().anyMatch(name -> D3RLPY.matcher(name).matches()) || names.contains("episode_terminals")) {
            return "it looks like d3rlpy's, so set format = d3rlpy (conf/ingest/d3rlpy.conf)";
        }
        if (root.isGroup("data")
                && root.group("data").names().stream()
                        .anyMatch(name -> ROBOMIMIC.matcher(name).matches())) {
            return "it looks like robomimic's, so set format = robomimic (conf/ingest/robomimic.conf)";
        }
        if (names.contains("observations") && names.contains("actions")) {
            return "it looks like D4RL's, so set format = d4rl-hdf5 (conf/ingest/d4rl-hdf5.conf)";
        }
        return "check format, or map its arrays with columns";
    }
}
