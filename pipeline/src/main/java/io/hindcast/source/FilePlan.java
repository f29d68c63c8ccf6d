package io.hindcast.source;

import io.hindcast.data.ActionSpace;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a file says about itself, found out without reading its observations.
 *
 * @param parts which parts of it tasks read
 * @param columns which of its arrays hold what
 * @param actions how its actions are numbered or bounded, null if it does not say
 * @param notes what the user should know about it
 */
public record FilePlan(
        List<FilePart> parts,
        ColumnMapping columns,
        @Nullable ActionSpace actions,
        List<String> notes) implements Serializable {}
