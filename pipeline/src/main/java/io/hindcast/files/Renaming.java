package io.hindcast.files;

import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSError;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;

/** Puts files and folders in place where they are renamed in one step: on disks, and on HDFS. */
record Renaming(FileContext files, Configuration configuration) implements Placing {
    private static final int ATTEMPTS = 20;

    @Override
    public void put(Publisher publisher, Path file, byte[] bytes, Disk disk) throws IOException {
        for (var attempt = 1; attempt == 1 || !publisher.holds(file, bytes); attempt++) {
            files.mkdir(file.getParent(), FsPermission.getDirDefault(), true);
            var aside = publisher.aside();
            var written = false;
            try {
                write(aside, bytes, disk);
                written = true;
                files.rename(aside, file, Options.Rename.OVERWRITE);
                return;
            } catch (IOException | FSError e) {
                files.delete(aside, false);
                // A store may do it in two steps, between which another writer of the same bytes may come.
                if (!written || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void write(Path file, byte[] bytes, Disk disk) throws IOException {
        try (var stream = files.create(file, EnumSet.of(CreateFlag.CREATE), Options.CreateOpts.createParent())) {
            stream.write(bytes);
            if (disk == Disk.AWAITED) {
                stream.hsync();
            }
        }
    }

    @Override
    public boolean putFolder(Path aside, Path place, List<String> names) throws IOException {
        LocalFiles.forgetChecksums(aside, configuration);
        // An attempt of a task that was not the one to succeed may have left its file.
        var kept = Set.copyOf(names);
        for (var file : files.util().listStatus(aside)) {
            if (!kept.contains(file.getPath().getName())) {
                files.delete(file.getPath(), true);
            }
        }
        try {
            files.rename(aside, place, Options.Rename.NONE);
        } catch (FileAlreadyExistsException e) {
            return false;
        }
        // A file system may look and rename in two steps; then a late writer lands inside the winner's folder.
        var inside = new Path(place, aside.getName());
        if (files.util().exists(inside)) {
            files.rename(inside, aside, Options.Rename.NONE);
            return false;
        }
        return true;
    }

    @Override
    public boolean replaceFolder(Publisher publisher, Path place, SortedMap<String, byte[]> contents)
            throws IOException {
        var aside = publisher.aside();
        try {
            for (var content : contents.entrySet()) {
                write(new Path(aside, content.getKey()), content.getValue(), Disk.AWAITED);
            }
            return replaceFolder(publisher, aside, place, List.copyOf(contents.keySet()));
        } finally {
            publisher.discard(aside);
        }
    }

    private boolean replaceFolder(Publisher publisher, Path aside, Path place, List<String> names) throws IOException {
        var old = publisher.aside();
        var replaces = files.util().exists(place);
        if (replaces) {
            files.rename(place, old, Options.Rename.NONE);
        }
        boolean done;
        try {
            done = putFolder(aside, place, names);
        } catch (IOException e) {
            if (replaces) {
                files.rename(old, place, Options.Rename.NONE);
            }
            throw e;
        }
        files.delete(old, true);
        return done;
    }

    @Override
    public void removeFolder(Publisher publisher, Path place) throws IOException {
        if (files.util().exists(place)) {
            var aside = publisher.aside();
            files.rename(place, aside, Options.Rename.NONE);
            files.delete(aside, true);
        }
    }

    @Override
    public long modified(FileStatus status) {
        return status.getModificationTime();
    }
}
