package dev.anneal.child;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/** The part of readiness that says whether this process can start children, or whether its program was replaced. */
@Component("program")
class ProgramHealth implements HealthIndicator {
    private static final Logger log = LoggerFactory.getLogger(ProgramHealth.class);

    private final ChildJvm children;

    ProgramHealth(ChildJvm children, MeterRegistry meters) {
        this.children = children;
        Gauge.builder("anneal.program.replaced", children, each -> each.isProgramReplaced() ? 1 : 0)
                .description("1 if the program was replaced or deleted while this process ran, else 0")
                .register(meters);
    }

    @Override
    public Health health() {
        return (children.isProgramReplaced() ? Health.down() : Health.up()).build();
    }

    /** Looks for a program that was missing, because its file system may be available again. */
    @Scheduled(fixedDelay = 60_000)
    void look() {
        if (children.isProgramReplaced()) {
            try {
                children.checkProgram();
            } catch (IOException stillMissing) {
                log.debug("the program is still missing: {}", stillMissing.getMessage());
            }
        }
    }
}
