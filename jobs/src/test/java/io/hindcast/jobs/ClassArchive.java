package io.hindcast.jobs;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * Classes in the form that a JVM has them in memory: a JVM that takes them from there begins in half the time.
 *
 * @param classPath a class path of jars, since classes of folders are not archived
 * @param file the archive
 */
record ClassArchive(String classPath, Path file) {
    /**
     * An archive that is still to be made, by a JVM that ends by itself and is told {@link #making}.
     *
     * @param classPath whose folders are packed
     * @param folder for the packed jars and the archive
     */
    static ClassArchive of(String classPath, Path folder) throws IOException {
        var entries = new ArrayList<String>();
        for (var entry : classPath.split(File.pathSeparator)) {
            var path = Path.of(entry);
            if (Files.isDirectory(path)) {
                entries.add(pack(path, folder.resolve(entries.size() + ".jar")).toString());
            } else if (Files.exists(path)) {
                entries.add(entry);
            }
        }
        return new ClassArchive(String.join(File.pathSeparator, entries), folder.resolve("classes.jsa"));
    }

    private static Path pack(Path folder, Path jar) throws IOException {
        try (var out = new JarOutputStream(Files.newOutputStream(jar));
                var files = Files.walk(folder)) {
            for (var path : files.filter(Files::isRegularFile).toList()) {
                out.putNextEntry(new JarEntry(folder.relativize(path).toString().replace(File.separatorChar, '/')));
                Files.copy(path, out);
                out.closeEntry();
            }
        }
        return jar;
    }

    /** What the JVM is told that makes it. */
    List<String> making() {
        return List.of("-XX:ArchiveClassesAtExit=" + file, "-Xlog:cds*=off", "-Xlog:class+path=off");
    }

    /** What a JVM is told to use it; one that cannot begins without. */
    List<String> using() {
        return List.of("-XX:SharedArchiveFile=" + file, "-Xlog:cds*=off");
    }
}
