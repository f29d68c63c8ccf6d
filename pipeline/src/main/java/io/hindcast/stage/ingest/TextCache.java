package io.hindcast.stage.ingest;

import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/** A name in Java's form and in Spark's, converted only when it is not the one of the row before. */
final class TextCache {
    private @Nullable String text;
    private @Nullable UTF8String bytes;

    UTF8String bytes(String name) {
        if (bytes == null || !name.equals(text)) {
            text = name;
            bytes = UTF8String.fromString(name);
        }
        return bytes;
    }

    String text(UTF8String name) {
        if (text == null || !name.equals(bytes)) {
            text = name.toString();
            bytes = UTF8String.fromString(text);
        }
        return text;
    }
}
