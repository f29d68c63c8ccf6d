package io.hindcast.timeline;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The names of files that packed rows stand for by a number. */
final class FileNames {
    private final Map<String, Integer> numbers = new HashMap<>();
    private final List<String> names = new ArrayList<>();
    private final List<byte[]> bytes = new ArrayList<>();

    int number(byte[] name) {
        return numbers.computeIfAbsent(new String(name, StandardCharsets.UTF_8), text -> {
            names.add(text);
            bytes.add(name);
            return names.size() - 1;
        });
    }

    String name(int number) {
        return names.get(number);
    }

    /** By the bytes of their names. */
    int compare(int number, int other) {
        return number == other ? 0 : Arrays.compareUnsigned(bytes.get(number), bytes.get(other));
    }
}
