package dev.anneal.child;

import dev.anneal.doctor.Check;
import dev.anneal.doctor.Finding;
import dev.anneal.doctor.Subject;
import dev.anneal.local.DataDirectory;
import dev.anneal.local.DataSettings;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.springframework.context.ConfigurableApplicationContext;

/** Examines whether libtorch can be loaded and computes on the processor. */
class EngineCheck implements Check {
    @Override
    public Subject subject() {
        return Subject.ENGINE;
    }

    @Override
    public List<Finding> run(ConfigurableApplicationContext settings) throws IOException {
        TorchSettings torch = settings.getBean(TorchSettings.class);
        DataDirectory data = new DataDirectory(settings.getBean(DataSettings.class));
        try {
            ChildJvm children = new ChildJvm(data, torch);
            String place = torch.home().isBlank() ? children.environment("cpu").get("DJL_CACHE_DIR") : torch.home();
            Optional<String> problem = EngineProbe.problem(children, "cpu");
            return List.of(problem.map(reason -> Finding.failed(
                            subject(),
                            "libtorch in " + place + " does not work: " + reason,
                            torch.home().isBlank()
                                    ? "Stop all servers that use it and delete " + place
                                            + ". The next start unpacks it again."
                                    : "Delete " + place + " and install PyTorch there again, see docs/operations.md."))
                    .orElseGet(() -> Finding.ok(subject(), "libtorch in " + place + " computes.")));
        } finally {
            data.destroy();
        }
    }
}
