package dev.anneal.doctor;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.anneal.text.Credentials;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;
import org.springframework.beans.BeansException;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.context.logging.LoggingApplicationListener;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.FilterType;

/** Runs all checks with the settings that a server would have. */
public final class Doctor {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Finds the records of settings and the checks, and starts nothing else. It is no configuration of the server. */
    @ConfigurationPropertiesScan("dev.anneal")
    @ComponentScan(
            basePackages = "dev.anneal",
            useDefaultFilters = false,
            lazyInit = true,
            includeFilters = @ComponentScan.Filter(type = FilterType.ASSIGNABLE_TYPE, classes = Check.class))
    static class Checks {}

    private Doctor() {}

    /**
     * Returns all findings.
     *
     * @param only the things to examine
     * @param properties as a server is started with, of the form {@code --name=value}
     * @param onSubject is called with each thing before it is examined
     */
    public static List<Finding> examine(Set<Subject> only, Consumer<Subject> onSubject, String... properties) {
        SpringApplication application = new SpringApplication(Checks.class);
        application.setWebApplicationType(WebApplicationType.NONE);
        application.setLazyInitialization(true);
        application.setRegisterShutdownHook(false);
        application.setLogStartupInfo(false);
        // The log of this process stays as it is: its output is that of the command.
        application.setListeners(application.getListeners().stream()
                .filter(listener -> !(listener instanceof LoggingApplicationListener))
                .toList());
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level before = root.getLevel();
        root.setLevel(Level.OFF);
        try (ConfigurableApplicationContext context = application.run(properties)) {
            List<Finding> findings = new ArrayList<>();
            context.getBeansOfType(Check.class).values().stream()
                    .filter(check -> only.contains(check.subject()))
                    .sorted(Comparator.comparing(Check::subject))
                    .forEach(check -> {
                        onSubject.accept(check.subject());
                        findings.addAll(run(check, context));
                    });
            return findings;
        } catch (RuntimeException notBound) {
            return List.of(Finding.failed(
                    Subject.SETTINGS,
                    "The settings cannot be read: " + reason(notBound),
                    "Correct application.yaml, the variables and the options."));
        } finally {
            root.setLevel(before);
        }
    }

    private static List<Finding> run(Check check, ConfigurableApplicationContext settings) {
        FutureTask<List<Finding>> task = new FutureTask<>(() -> check.run(settings));
        Thread thread = new Thread(task, "doctor-" + check.subject().text());
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            return List.of(failed(check.subject(), e));
        } catch (TimeoutException e) {
            return List.of(Finding.failed(
                    check.subject(),
                    "There was no result within " + PATIENCE.toMinutes() + " minutes.",
                    "Check the load of this machine and its network."));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    private static Finding failed(Subject subject, ExecutionException failure) {
        return failure.getCause() instanceof BeansException
                ? Finding.failed(
                        subject,
                        "This was not examined, because a setting is not valid.",
                        "Correct the settings that are named above, then run this again.")
                : Finding.failed(
                        subject, "The check failed: " + reason(failure), "Correct this, then run the check again.");
    }

    /** Returns the last cause in words, without credentials. */
    public static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : Credentials.hide(message);
    }
}
