package dev.anneal.doctor;

import java.util.List;
import org.springframework.context.ConfigurableApplicationContext;

/** Examines one thing that a server needs. It starts no server, and works while one runs. */
public interface Check {
    Subject subject();

    /**
     * Returns what is found.
     *
     * @param settings has the records of settings and the environment
     */
    List<Finding> run(ConfigurableApplicationContext settings) throws Exception;
}
