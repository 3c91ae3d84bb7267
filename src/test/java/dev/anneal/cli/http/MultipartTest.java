package dev.anneal.cli.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MultipartTest {
    @Test
    void aFileLargerThanTheHeapIsReadPieceByPiece(@TempDir Path folder) throws IOException {
        long size = 2 * Runtime.getRuntime().maxMemory();
        Path file = folder.resolve("huge.csv");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(size);
        }
        List<Long> sent = new ArrayList<>();
        List<Integer> pieces = new ArrayList<>();

        BodyPublisher body = Multipart.of(file, Map.of()).publisher(sent::add);
        body.subscribe(new Flow.Subscriber<>() {
            private Flow.Subscription subscription;

            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                this.subscription = subscription;
                subscription.request(1);
            }

            @Override
            public void onNext(ByteBuffer piece) {
                pieces.add(piece.remaining());
                if (pieces.size() < 5) {
                    subscription.request(1);
                } else {
                    subscription.cancel();
                }
            }

            @Override
            public void onError(Throwable failure) {
                throw new AssertionError(failure);
            }

            @Override
            public void onComplete() {}
        });

        assertThat(body.contentLength()).isBetween(size, size + 1_000);
        assertThat(pieces).hasSize(5).allMatch(piece -> piece <= 64 * 1024);
        assertThat(sent).hasSize(5).isSorted();
    }
}
