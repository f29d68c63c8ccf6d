package io.hindcast.stage.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindcast.table.LocalSpark;
import java.io.File;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;

class TaskSpaceTest {
    @Test
    void aTaskGetsMemoryAsLongAsThereIsSomeAndItsFilesGoWithIt() {
        var found = JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext())
                .parallelize(List.of(1), 1)
                .map(any -> {
                    var space = new TaskSpace(TaskContext.get());
                    var scratch = space.scratch();
                    try (var out = scratch.write()) {
                        out.write(new byte[] {3, 1, 4});
                    }
                    try (var in = scratch.read()) {
                        return List.<Object>of(
                                space.grants(1000),
                                space.grants(Long.MAX_VALUE / 2),
                                space.getUsed(),
                                List.of(in.read(), in.read(), in.read(), in.read()),
                                scratch.file().exists(),
                                scratch.file().toString());
                    }
                })
                .collect()
                .get(0);

        assertThat(found.subList(0, 5)).isEqualTo(List.of(true, false, 1000L, List.of(3, 1, 4, -1), true));
        assertThat(new File((String) found.get(5))).doesNotExist();
    }
}
