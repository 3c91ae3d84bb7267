package dev.anneal.worker.executor;

import dev.anneal.child.ChildJvm;
import dev.anneal.child.EngineProbe;
import dev.anneal.child.TorchSettings;
import dev.anneal.doctor.Check;
import dev.anneal.doctor.Finding;
import dev.anneal.doctor.Subject;
import dev.anneal.local.DataDirectory;
import dev.anneal.local.DataSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;

/** Examines the devices of workers and model hosts, and computes on each GPU. */
class DeviceCheck implements Check {
    private static final String FIX =
            "Correct anneal.worker.devices or anneal.inference.device, or set anneal.torch.home"
                    + " to a PyTorch with CUDA, see docs/operations.md.";

    @Override
    public Subject subject() {
        return Subject.DEVICES;
    }

    @Override
    public List<Finding> run(ConfigurableApplicationContext settings) throws IOException {
        Environment environment = settings.getEnvironment();
        TorchSettings torch = settings.getBean(TorchSettings.class);
        String inference = environment.getProperty("anneal.inference.device", "cpu");
        List<Slot> slots;
        try {
            slots = Slot.of(
                    environment.getProperty("anneal.worker.devices", "auto"),
                    environment.getProperty("anneal.worker.memory", "auto"),
                    torch);
            torch.check("anneal.inference.device", inference);
        } catch (IllegalArgumentException invalid) {
            return List.of(Finding.failed(subject(), String.valueOf(invalid.getMessage()), FIX));
        }
        List<Finding> findings = new ArrayList<>();
        DataDirectory data = new DataDirectory(settings.getBean(DataSettings.class));
        try {
            ChildJvm children = new ChildJvm(data, torch);
            for (String device : Stream.concat(slots.stream().map(Slot::device), Stream.of(inference))
                    .distinct()
                    .filter(device -> !device.equals("cpu")) // which the check of the engine uses
                    .toList()) {
                EngineProbe.problem(children, device)
                        .ifPresent(reason -> findings.add(
                                Finding.failed(subject(), "The device " + device + " cannot be used: " + reason, FIX)));
            }
        } finally {
            data.destroy();
        }
        if (findings.isEmpty()) {
            findings.add(Finding.ok(
                    subject(),
                    slots.stream().map(Slot::describe).collect(Collectors.joining("; ")) + "; model hosts on "
                            + inference));
        }
        return findings;
    }
}
