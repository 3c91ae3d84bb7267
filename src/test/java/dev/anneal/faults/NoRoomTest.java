package dev.anneal.faults;

import static dev.anneal.faults.FullDiskTest.run;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.anneal.testing.Client;
import dev.anneal.testing.Reviews;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Uploads larger than the disk. The test mounts a small one. */
@Timeout(value = 5, unit = TimeUnit.MINUTES) // on a busy machine
class NoRoomTest {
    @Test
    void anUploadThatDoesNotFitOnTheDiskIsA503AndNotCalledMalformed() throws Exception {
        try (Installation installation = new Installation()) {
            ServerNode api = installation.node("api", "api").start().awaitReady();
            Path temporary = temporaryFiles(installation.root.resolve("data/work"));
            try {
                assumeTrue(
                        run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", temporary.toString()) == 0,
                        "a file system cannot be mounted here");
                byte[] large = ("text,label\n" + "a fine film,good\n".repeat(1 << 20)).getBytes(UTF_8);

                for (String path : List.of("/api/v1/datasets", "/api/v1/models")) {
                    Client.Answer full = api.client().inAnOutage().uploadTo(path, "large.csv", large, Map.of());
                    assertThat(full.status()).as("%s", full.json()).isEqualTo(503);
                    assertThat(full.code()).isEqualTo("disk_full");
                }
                assertThat(api.client()
                                .upload("reviews.csv", Reviews.csv(60), Map.of())
                                .status())
                        .isEqualTo(201);
            } finally {
                run("umount", "--lazy", temporary.toString());
                api.close();
            }
        }
    }

    private static Path temporaryFiles(Path work) throws IOException {
        try (Stream<Path> directories = Files.list(work)) {
            return directories.filter(Files::isDirectory).findFirst().orElseThrow();
        }
    }
}
