package dev.anneal.worker.executor;

import dev.anneal.child.ProcessMemory;
import dev.anneal.child.TorchSettings;
import dev.anneal.doctor.Check;
import dev.anneal.doctor.DoctorSettings;
import dev.anneal.doctor.Finding;
import dev.anneal.doctor.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;

/** Compares the memory of this machine with what the settings let jobs and model hosts take. */
class MemoryCheck implements Check {
    @Override
    public Subject subject() {
        return Subject.MEMORY;
    }

    @Override
    public List<Finding> run(ConfigurableApplicationContext settings) {
        Environment environment = settings.getEnvironment();
        long machine = ProcessMemory.ofMachine();
        long least = settings.getBean(DoctorSettings.class).minMemory().toBytes();
        long slots = slots(environment, settings.getBean(TorchSettings.class));
        long hosts = environment
                .getProperty("anneal.inference.max-memory", DataSize.class, DataSize.ofBytes(0))
                .toBytes();
        List<Finding> findings = new ArrayList<>();
        if (machine < least) {
            findings.add(Finding.failed(
                    subject(),
                    "This machine or container has %s of memory, less than %s (anneal.doctor.min-memory)."
                            .formatted(text(machine), text(least)),
                    "Give it more memory. docs/operations.md says what each process takes."));
        }
        if (slots > machine) {
            findings.add(Finding.failed(
                    subject(),
                    "anneal.worker.memory lets jobs on the processor take %s at once, but the machine has %s."
                            .formatted(text(slots), text(machine)),
                    "Lower anneal.worker.memory, or set it to auto."));
        }
        if (hosts > machine) {
            findings.add(Finding.failed(
                    subject(),
                    "anneal.inference.max-memory lets model hosts take %s, but the machine has %s."
                            .formatted(text(hosts), text(machine)),
                    "Lower anneal.inference.max-memory, or set it to 0 for half of the machine's memory."));
        }
        return findings.isEmpty()
                ? List.of(Finding.ok(subject(), "This machine or container has " + text(machine) + " of memory."))
                : findings;
    }

    private static long slots(Environment environment, TorchSettings torch) {
        try {
            return Slot.of(
                            environment.getProperty("anneal.worker.devices", "auto"),
                            environment.getProperty("anneal.worker.memory", "auto"),
                            torch)
                    .stream()
                    .filter(slot -> slot.device().equals("cpu"))
                    .map(Slot::memory)
                    .filter(Objects::nonNull)
                    .mapToLong(Long::longValue)
                    .sum();
        } catch (IllegalArgumentException invalid) {
            return 0; // the check of the devices says what is wrong
        }
    }

    private static String text(long bytes) {
        return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }
}
