package dev.anneal.local;

import dev.anneal.doctor.Check;
import dev.anneal.doctor.Doctor;
import dev.anneal.doctor.Finding;
import dev.anneal.doctor.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.springframework.context.ConfigurableApplicationContext;

/** Examines the file with the first key, which the command line uses. */
class KeyCheck implements Check {
    private static final String CREATE =
            "Give the command line a key with ANNEAL_KEY. An admin creates one: ./anneal keys create";

    @Override
    public Subject subject() {
        return Subject.KEY;
    }

    @Override
    public List<Finding> run(ConfigurableApplicationContext settings) {
        Path file = settings.getBean(DataSettings.class)
                .data()
                .toAbsolutePath()
                .normalize()
                .resolve("admin.key");
        if (!Files.exists(file)) {
            return List.of(Finding.ok(subject(), "There is no " + file + ". The first start of a server creates it."));
        }
        try {
            return List.of(
                    Files.readString(file).isBlank()
                            ? Finding.failed(subject(), "The key file " + file + " is empty.", CREATE)
                            : Finding.ok(subject(), "The key file " + file + " can be read."));
        } catch (IOException e) {
            return List.of(Finding.failed(
                    subject(),
                    "The key file " + file + " cannot be read: " + Doctor.reason(e),
                    "Run this as the user of the server, or change the permissions. " + CREATE));
        }
    }
}
