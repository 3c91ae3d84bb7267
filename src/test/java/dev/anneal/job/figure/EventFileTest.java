package dev.anneal.job.figure;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventFileTest {
    /** The bytes that PyPI's tensorboard 2.21 writes for the same events. */
    @Test
    void theBytesAreThoseOfTensorBoard() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EventFile file = new EventFile(out);

        file.begin(Instant.ofEpochMilli(1_700_000_000_500L));
        file.scalars(Instant.ofEpochMilli(1_700_000_001_250L), 300, Map.of("epoch/loss", 0.25));

        assertThat(HexFormat.of().formatHex(out.toByteArray()))
                .isEqualTo(
                        "1800000000000000a37f4b220900002040fc54d9411a0d627261696e2e4576656e743a322b3531102100000000000000017becf60900005040fc54d94110ac022a130a110a0a65706f63682f6c6f7373150000803ecba7f405");
    }
}
