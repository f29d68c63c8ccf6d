package io.hindcast.table;

import io.hindcast.data.Findings;
import io.hindcast.table.parquet.PartFile;
import io.hindcast.table.parquet.RowHash;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * What tasks wrote aside, to become a version of a table.
 *
 * @param number the number it is to have; if another version has it by then, this one is not published
 * @param directory where; see {@link TableWriter#aside}
 * @param parts the files, whose names decide their order
 * @param base the version whose files come first, without being copied; empty for a version of new files only
 * @param findings what was left out, unknown or guessed when the logs were read; null if nothing is told
 * @param schema of a table whose versions say their columns themselves; else null
 */
public record Draft(
        TableName table,
        int number,
        String directory,
        List<PartFile> parts,
        Optional<TableVersion> base,
        @Nullable Findings findings,
        @Nullable StructType schema) {

    /** A version of which there is nothing to tell but its rows. */
    public Draft(TableName table, int number, String directory, List<PartFile> parts, Optional<TableVersion> base) {
        this(table, number, directory, parts, base, null, null);
    }

    /** The same, with what there is to tell. */
    Draft with(Findings more) {
        return new Draft(table, number, directory, parts, base, more.equals(Findings.NONE) ? null : more, schema);
    }

    /** The same of a table whose versions say their columns themselves. */
    Draft with(StructType columns) {
        return new Draft(table, number, directory, parts, base, findings, columns);
    }

    /** The same under another number. */
    Draft numbered(int other) {
        return new Draft(table, other, directory, parts, base, findings, schema);
    }

    /** How many rows the version will have. */
    public long rows() {
        return base.map(version -> version.manifest().rows()).orElse(0L)
                + parts.stream().mapToLong(PartFile::rows).sum();
    }

    /** The fingerprint it will have: sums, so that what is there already need not be read. */
    public String fingerprint() {
        var sum = base.map(version -> version.manifest().fingerprint()).orElse("0".repeat(32));
        for (var part : parts) {
            sum = RowHash.plus(sum, part.fingerprint());
        }
        return sum;
    }

    /** How the version will be named as a parent. */
    public Manifest.Parent asParent() {
        return new Manifest.Parent(table.directory(), number, fingerprint());
    }

    List<Manifest.DataFile> files() {
        var files = new ArrayList<Manifest.DataFile>();
        base.ifPresent(version -> version.manifest()
                .files()
                .forEach(file -> files.add(new Manifest.DataFile(
                        file.name().startsWith("../") ? file.name() : "../v" + version.number() + "/" + file.name(),
                        file.bytes(),
                        file.sha256()))));
        parts.stream()
                .sorted(Comparator.comparing(PartFile::name))
                .forEach(part -> files.add(new Manifest.DataFile(part.name(), part.bytes(), part.sha256())));
        return List.copyOf(files);
    }
}
