package dev.anneal.local;

import dev.anneal.doctor.Check;
import dev.anneal.doctor.DoctorSettings;
import dev.anneal.doctor.Finding;
import dev.anneal.doctor.Subject;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.context.ConfigurableApplicationContext;

/** Examines the free space of the disks that a server writes to. */
class DiskCheck implements Check {
    @Override
    public Subject subject() {
        return Subject.DISK;
    }

    @Override
    public List<Finding> run(ConfigurableApplicationContext settings) throws IOException {
        long least = settings.getBean(DoctorSettings.class).minDisk().toBytes();
        Path data = settings.getBean(DataSettings.class).data();
        String artifacts = settings.getEnvironment().getProperty("anneal.artifacts", "directory");
        String uploads = settings.getEnvironment().getProperty("anneal.uploads.directory", "");
        List<Path> directories = Stream.of(artifacts, uploads)
                .filter(place -> !place.isBlank() && !place.equals("directory") && !place.contains("://"))
                .map(Path::of)
                .toList();
        Set<FileStore> seen = new HashSet<>();
        List<Finding> findings = new ArrayList<>();
        for (Path directory :
                Stream.concat(Stream.of(data), directories.stream()).toList()) {
            Path existing = existing(directory.toAbsolutePath().normalize());
            FileStore disk = Files.getFileStore(existing);
            if (seen.add(disk)) {
                findings.add(examine(existing, disk.getUsableSpace(), least));
            }
        }
        return findings;
    }

    private static Path existing(Path directory) {
        Path existing = directory;
        while (!Files.exists(existing) && existing.getParent() != null) {
            existing = existing.getParent();
        }
        return existing;
    }

    private Finding examine(Path directory, long free, long least) {
        String text = String.format(Locale.ROOT, "The disk of %s has %.1f GB of free space", directory, free / 1e9);
        return free >= least
                ? Finding.ok(subject(), text + ".")
                : Finding.failed(
                        subject(),
                        String.format(
                                Locale.ROOT, "%s, less than %.1f GB (anneal.doctor.min-disk).", text, least / 1e9),
                        "Delete jobs, models and datasets that are no longer needed, or move the directory to a larger disk.");
    }
}
