package dev.anneal.role;

import dev.anneal.log.OutOfMemory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.task.ThreadPoolTaskSchedulerCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/** Logs errors of scheduled tasks, which run again later. A database that is unavailable is logged in one line. */
@Configuration(proxyBeanMethods = false)
class ScheduledTaskErrors {
    private static final Logger log = LoggerFactory.getLogger(ScheduledTaskErrors.class);

    @Bean
    ThreadPoolTaskSchedulerCustomizer logErrors() {
        return scheduler -> scheduler.setErrorHandler(ScheduledTaskErrors::log);
    }

    private static void log(Throwable fault) {
        OutOfMemory.endIf(fault);
        if (fault instanceof DataAccessException || fault instanceof TransactionException) {
            log.warn("the database is unavailable: {}", fault.getMessage());
        } else {
            log.error("unexpected error in a scheduled task", fault);
        }
    }
}
