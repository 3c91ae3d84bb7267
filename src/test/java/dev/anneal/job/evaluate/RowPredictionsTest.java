package dev.anneal.job.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.artifact.ArtifactStore;
import dev.anneal.files.GzipLinesWriter;
import dev.anneal.job.Job;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mockito.Mockito;

class RowPredictionsTest {
    @TempDir
    Path directory;

    @Test
    void aPageLooksAtOneRowAtLeastSoThatASearchEnds() throws IOException {
        try (GzipLinesWriter out = new GzipLinesWriter(directory)) {
            for (int i = 1; i <= 3; i++) {
                out.add(i, "{\"number\":%d,\"right\":true}".formatted(i));
            }
        }
        RowPredictions predictions = new RowPredictions(store(), Duration.ZERO);
        Job job = Mockito.mock(Job.class);
        Mockito.when(job.predictions()).thenReturn("predictions/eval_1-1");
        PredictionFilter wrong = new PredictionFilter(false, null, null);

        RowPredictions.RowPage first = predictions.page(job, wrong, 0, 10);
        assertThat(first.data()).isEmpty();
        assertThat(first.nextAfter()).isEqualTo(1);
        assertThat(predictions.page(job, wrong, 1, 10).nextAfter()).isEqualTo(2);
        assertThat(predictions.page(job, wrong, 2, 10).hasMore()).isFalse();
    }

    /** Returns a store whose only method is the one that returns a directory. */
    private ArtifactStore store() {
        ArtifactStore.Held held = new ArtifactStore.Held(directory, () -> {});
        return (ArtifactStore) Proxy.newProxyInstance(
                ArtifactStore.class.getClassLoader(),
                new Class<?>[] {ArtifactStore.class},
                (proxy, method, arguments) -> held);
    }
}
