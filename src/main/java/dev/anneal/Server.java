package dev.anneal;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.scheduling.annotation.EnableScheduling;

/** The service. */
@SpringBootApplication
@ConfigurationPropertiesScan
@EnableScheduling
public class Server {
    /** Starts the service with properties of the form {@code --name=value}, and returns the port that it listens on. */
    public static int start(String... properties) {
        return SpringApplication.run(Server.class, properties)
                .getEnvironment()
                .getRequiredProperty("local.server.port", Integer.class);
    }
}
