package io.hindcast.table;

/**
 * A published version of a table; it never changes.
 *
 * @param number its version, from 1
 * @param path its directory
 */
public record TableVersion(TableName table, int number, String path, Manifest manifest) {
    /** For people: {@code transitions v1}. */
    @Override
    public String toString() {
        return table + " v" + number;
    }

    Manifest.Parent asParent() {
        return new Manifest.Parent(table.directory(), number, manifest.fingerprint());
    }
}
