package io.hindcast.source;

import io.hindcast.timeline.EpisodeRules.EpisodePer;
import io.hindcast.timeline.LoggedRow;
import java.io.EOFException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/** The HDF5 files among the test resources, as they are and broken. */
final class Hdf5Fixtures {
    static final Configuration HADOOP = new Configuration();
    static final PlannedLogs.Rules D4RL = new PlannedLogs.Rules(Format.D4RL_HDF5, EpisodePer.DONE, null, false);
    static final PlannedLogs.Rules MINARI = new PlannedLogs.Rules(Format.MINARI, EpisodePer.COLUMN, null, false);

    static final PlannedLogs.Rules D3RLPY = new PlannedLogs.Rules(Format.D3RLPY, EpisodePer.COLUMN, null, false);
    static final PlannedLogs.Rules ROBOMIMIC = new PlannedLogs.Rules(Format.ROBOMIMIC, EpisodePer.COLUMN, null, false);

    private Hdf5Fixtures() {}

    static Path path(String name) {
        try {
            return Path.of(Objects.requireNonNull(Hdf5Fixtures.class.getResource("/hdf5/" + name))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] bytes(String name) {
        try {
            return Files.readAllBytes(path(name));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static InputFile input(String name) {
        var path = path(name);
        return new InputFile(path.getFileName().toString(), path.toString(), bytes(name).length);
    }

    static Hdf5File open(byte[] bytes) {
        return Hdf5File.open("demo.hdf5", seekable(bytes));
    }

    /** Bytes in memory as those of a file. */
    static SeekableBytes seekable(byte[] bytes) {
        return new SeekableBytes() {
            @Override
            public long size() {
                return bytes.length;
            }

            @Override
            public void read(long position, byte[] into, int offset, int length) throws IOException {
                if (position + length > bytes.length) {
                    throw new EOFException();
                }
                System.arraycopy(bytes, (int) position, into, offset, length);
            }

            @Override
            public void close() {}
        };
    }

    /** All rows of what {@code bytes} hold instead of the fixture. */
    static List<LoggedRow> rows(
            String fixture, byte[] bytes, PlannedLogs.Rules rules, @Nullable ColumnMapping columns) {
        var input = input(fixture);
        try (var file = open(bytes)) {
            var plan = switch (rules.format()) {
                case MINARI -> MinariHdf5.plan(input, file, columns, rules, HADOOP);
                case D3RLPY -> D3rlpyHdf5.plan(input, file, columns, rules);
                case ROBOMIMIC -> RobomimicHdf5.plan(input, file, columns, rules);
                default -> D4rlHdf5.plan(input, file, columns, rules);
            };
            var rows = new ArrayList<LoggedRow>();
            for (var part : plan.parts()) {
                var read = switch (rules.format()) {
                    case MINARI -> MinariHdf5.rows(part, file, plan.columns(), HADOOP);
                    case D3RLPY -> D3rlpyHdf5.rows(part, file, plan.columns());
                    case ROBOMIMIC -> RobomimicHdf5.rows(part, file, plan.columns(), rules);
                    default -> D4rlHdf5.rows(part, file, plan.columns(), rules);
                };
                read.forEachRemaining(rows::add);
            }
            return rows;
        }
    }

    static List<LoggedRow> rows(String fixture, PlannedLogs.Rules rules) {
        return rows(fixture, bytes(fixture), rules, null);
    }

    /** {@code bytes} with {@code to} where {@code from} stands, which must stand there once. */
    static byte[] replaced(byte[] bytes, byte[] from, byte[] to) {
        var result = bytes.clone();
        var found = 0;
        for (var i = 0; i <= bytes.length - from.length; i++) {
            if (java.util.Arrays.equals(bytes, i, i + from.length, from, 0, from.length)) {
                System.arraycopy(to, 0, result, i, to.length);
                found++;
            }
        }
        if (found != 1) {
            throw new IllegalStateException("the bytes are there " + found + " times");
        }
        return result;
    }
}
