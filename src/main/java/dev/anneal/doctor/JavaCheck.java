package dev.anneal.doctor;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.springframework.context.ConfigurableApplicationContext;

/** Examines the Java that runs this, with which a server also starts its child processes. */
class JavaCheck implements Check {
    private static final int OLDEST = 17;
    private static final Set<String> ARCHITECTURES = Set.of("amd64", "x86_64", "aarch64");

    @Override
    public Subject subject() {
        return Subject.JAVA;
    }

    @Override
    public List<Finding> run(ConfigurableApplicationContext settings) {
        Path home = Path.of(System.getProperty("java.home"));
        String version = System.getProperty("java.version") + " of " + System.getProperty("java.vendor");
        if (Runtime.version().feature() < OLDEST) {
            return List.of(Finding.failed(
                    subject(), "This is Java " + version + ".", "Set JAVA_HOME to a JDK, version 17 or newer."));
        }
        if (!Files.isExecutable(home.resolve("bin/java"))) {
            return List.of(Finding.failed(
                    subject(),
                    home + " has no bin/java, which starts trainers and model hosts.",
                    "Set JAVA_HOME to a complete JDK."));
        }
        String architecture = System.getProperty("os.arch");
        return List.of(
                ARCHITECTURES.contains(architecture)
                        ? Finding.ok(subject(), "Java " + version + " in " + home)
                        : Finding.failed(
                                subject(),
                                "There is no libtorch for the processor " + architecture + ".",
                                "Use a machine with x86-64 or ARM64, and a Java for it."));
    }
}
