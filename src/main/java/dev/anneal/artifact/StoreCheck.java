package dev.anneal.artifact;

import dev.anneal.doctor.Check;
import dev.anneal.doctor.Doctor;
import dev.anneal.doctor.Finding;
import dev.anneal.doctor.Subject;
import dev.anneal.local.DataSettings;
import dev.anneal.text.Ids;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.springframework.context.ConfigurableApplicationContext;

/** Writes a small file to the artifact store, reads it and deletes it. */
class StoreCheck implements Check {
    private static final byte[] CONTENT = "anneal doctor".getBytes(StandardCharsets.UTF_8);

    @Override
    public Subject subject() {
        return Subject.STORE;
    }

    @Override
    public List<Finding> run(ConfigurableApplicationContext settings) {
        String place = settings.getBean(ArtifactSettings.class).artifacts();
        if (place.startsWith("s3://")) {
            return List.of(examineBucket(place, settings.getBean(S3Settings.class)));
        }
        Path data = settings.getBean(DataSettings.class).data();
        return List.of(examineDirectory(place.equals("directory") ? data.resolve("artifacts") : Path.of(place)));
    }

    private Finding examineBucket(String place, S3Settings settings) {
        String name = "doctor/" + Ids.next("probe");
        try (S3Bucket bucket = S3Bucket.open(place, settings)) {
            bucket.create(name, CONTENT);
            boolean same = bucket.read(name)
                    .filter(read -> Arrays.equals(read, CONTENT))
                    .isPresent();
            boolean listed = !bucket.list(name).isEmpty();
            bucket.delete(name);
            return same && listed
                    ? Finding.ok(subject(), "The bucket " + place + " can be written, read and listed.")
                    : Finding.failed(
                            subject(),
                            "The bucket " + place + " does not return what was written to it.",
                            "Use a bucket with strong consistency.");
        } catch (IOException | RuntimeException e) {
            return Finding.failed(
                    subject(),
                    "The bucket " + place + " is unavailable: " + e.getMessage(),
                    "Check anneal.artifacts, anneal.s3.endpoint and anneal.s3.region, and the credentials of the AWS SDK,"
                            + " such as AWS_ACCESS_KEY_ID. They must allow to list, read, write and delete.");
        }
    }

    private Finding examineDirectory(Path directory) {
        try {
            Files.createDirectories(directory);
            Path probe = Files.createTempFile(directory, "doctor", null);
            Files.write(probe, CONTENT);
            Files.delete(probe);
            return Finding.ok(subject(), "The artifact store " + directory + " can be written.");
        } catch (IOException e) {
            return Finding.failed(
                    subject(),
                    "The artifact store " + directory + " cannot be written: " + Doctor.reason(e),
                    "Mount it, change its permissions, or set anneal.artifacts to another place.");
        }
    }
}
