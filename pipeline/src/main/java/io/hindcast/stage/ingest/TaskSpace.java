package io.hindcast.stage.ingest;

import io.hindcast.timeline.Workspace;
import java.io.File;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.commons.io.FileUtils;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.memory.MemoryConsumer;
import org.apache.spark.memory.MemoryMode;
import org.apache.spark.storage.TempLocalBlockId;
import org.apache.spark.util.TaskCompletionListener;

/** A task's share of the memory that Spark deals out, and files in Spark's own folders, which it compresses and encrypts as its own. */
final class TaskSpace extends MemoryConsumer implements Workspace {
    private final TaskContext task;

    TaskSpace(TaskContext task) {
        super(task.taskMemoryManager(), task.taskMemoryManager().pageSizeBytes(), MemoryMode.ON_HEAP);
        this.task = task;
        task.addTaskCompletionListener((TaskCompletionListener) context -> release());
    }

    @Override
    public boolean grants(long bytes) {
        var granted = acquireMemory(bytes);
        if (granted < bytes) {
            freeMemory(granted);
            return false;
        }
        return true;
    }

    @Override
    public void release() {
        freeMemory(getUsed());
    }

    /** What is held is given back by {@link #release} only. */
    @Override
    public long spill(long bytes, MemoryConsumer trigger) {
        return 0;
    }

    @Override
    public SparkFile scratch() {
        var block = SparkEnv.get().blockManager().diskBlockManager().createTempLocalBlock();
        task.addTaskCompletionListener((TaskCompletionListener) context -> FileUtils.deleteQuietly(block._2()));
        return new SparkFile(block._1(), block._2());
    }

    /** A file of a task. */
    record SparkFile(TempLocalBlockId id, File file) implements Scratch {
        @Override
        public OutputStream write() throws IOException {
            return SparkEnv.get().serializerManager().wrapStream(id, new FileOutputStream(file));
        }

        @Override
        public InputStream read() throws IOException {
            return SparkEnv.get().serializerManager().wrapStream(id, new FileInputStream(file));
        }
    }
}
