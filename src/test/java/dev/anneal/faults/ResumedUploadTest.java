package dev.anneal.faults;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 15, unit = TimeUnit.MINUTES) // on a busy machine
@Tag("faults")
class ResumedUploadTest {
    @Test
    void anUploadResumesAfterItsClientAndItsServerWereKilled() throws Exception {
        try (Installation installation = new Installation()) {
            ServerNode server = installation.node("api", "api").start().awaitReady();
            try (SlowProxy proxy = new SlowProxy(server.url(), 4_000_000)) {
                ResumedUpload.run(
                        server,
                        proxy.url(),
                        ResumedUpload.file(installation.root.resolve("rows.csv"), 12 << 20, 2_000));
            }
        }
    }
}
