package dev.anneal.role;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.task.ThreadPoolTaskSchedulerCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;

/** What is done every now and then is done again; that the database is away takes one line of the log, not a stack each. */
@Configuration(proxyBeanMethods = false)
class ScheduledFaults {
    private static final Logger log = LoggerFactory.getLogger(ScheduledFaults.class);

    @Bean
    ThreadPoolTaskSchedulerCustomizer tellScheduledFaults() {
        return scheduler -> scheduler.setErrorHandler(ScheduledFaults::tell);
    }

    private static void tell(Throwable fault) {
        if (fault instanceof DataAccessException || fault instanceof TransactionException) {
            log.warn("the database is away: {}", fault.getMessage());
        } else {
            log.error("unexpected fault in what is done every now and then", fault);
        }
    }
}
