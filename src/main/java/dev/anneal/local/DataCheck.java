package dev.anneal.local;

import dev.anneal.doctor.Check;
import dev.anneal.doctor.Doctor;
import dev.anneal.doctor.Finding;
import dev.anneal.doctor.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.springframework.context.ConfigurableApplicationContext;

/** Examines whether the data directory can be written, and who can read it. */
class DataCheck implements Check {
    @Override
    public Subject subject() {
        return Subject.DATA;
    }

    @Override
    public List<Finding> run(ConfigurableApplicationContext settings) {
        Path root = settings.getBean(DataSettings.class).data().toAbsolutePath().normalize();
        List<Finding> findings = new ArrayList<>();
        try {
            Files.createDirectories(root);
            Files.delete(Files.createTempFile(root, "secret", ".tmp")); // the server removes it if this is killed
            findings.add(Finding.ok(subject(), "The data directory " + root + " can be written."));
        } catch (IOException e) {
            findings.add(Finding.failed(
                    subject(),
                    "The data directory " + root + " cannot be written: " + Doctor.reason(e),
                    "Change its permissions, or choose another one with --data."));
        }
        if (DataDirectory.warnIfOpen(root).isPresent() && !isOurs(root)) {
            findings.add(Finding.warning(
                    subject(),
                    "All users of this machine can read " + root + ", which contains keys, texts and weights.",
                    "Its owner should run: chmod 700 " + root));
        }
        return findings;
    }

    private static boolean isOurs(Path root) {
        try {
            return Files.getOwner(root).getName().equals(System.getProperty("user.name"));
        } catch (IOException unknown) {
            return false;
        }
    }
}
