package dev.anneal.faults;

import dev.anneal.testing.Reviews;
import dev.anneal.testing.S3Server;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two workers that share only Postgres and a store in S3. */
@Timeout(value = 15, unit = TimeUnit.MINUTES) // on a busy machine
@Tag("faults")
class HandOverTest {
    static final Map<String, String> CREDENTIALS =
            Map.of("AWS_ACCESS_KEY_ID", S3Server.USER, "AWS_SECRET_ACCESS_KEY", S3Server.SECRET);

    private static final Map<String, ?> EPOCHS = Map.of("epochs", 3);
    private static final Map<String, ?> LORA = Map.of("method", Map.of("type", "lora"));

    @Test
    void afterAKillAnotherWorkerResumesFromTheCheckpointInS3ToTheSameBytes() throws Exception {
        try (Installation installation = new Installation();
                S3Server s3 = new S3Server()) {
            ServerNode api = installation
                    .nodeIn("api", "api", "api,inference", store(s3))
                    .with(CREDENTIALS)
                    .start()
                    .awaitReady();
            ServerNode first = installation
                    .nodeIn("first", "first", "worker", worker(s3))
                    .with(CREDENTIALS)
                    .start();
            ServerNode second = installation
                    .nodeIn("second", "second", "worker", worker(s3))
                    .with(CREDENTIALS);
            String dataset = api.client()
                    .upload("reviews.csv", Reviews.csv(120), Map.of())
                    .text("id");
            JobHistory undisturbed =
                    Submission.awaitEnd(api.client(), Submission.submit(api.client(), dataset, EPOCHS, LORA));
            undisturbed.assertWhole();
            String job = Submission.submit(api.client(), dataset, EPOCHS, LORA);
            Submission.awaitStep(api.client(), job, 1, 6);

            first.killTree();
            second.start();
            JobHistory history = Submission.awaitEnd(api.client(), job);

            history.assertWhole();
            history.assertEquals(undisturbed);
            history.assertResumedOnce();
            System.out.printf(
                    "the second worker resumed from step %d through S3; the weights are equal%n",
                    history.resumedFrom().get(1));
        }
    }

    static String[] store(S3Server s3) {
        return new String[] {
            "--anneal.artifacts=s3://anneal/test",
            "--anneal.s3.endpoint=" + s3.endpoint(),
            "--anneal.s3.region=us-east-1",
            "--anneal.s3.path-style=true"
        };
    }

    static String[] worker(S3Server s3) {
        return Stream.concat(Stream.of(store(s3)), Stream.of(Installation.LEASE, "--anneal.worker.poll=200ms"))
                .toArray(String[]::new);
    }
}
