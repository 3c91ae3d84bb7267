package dev.anneal.worker;

import dev.anneal.job.AttemptWriter;
import dev.anneal.job.queue.Attempt;
import dev.anneal.job.queue.JobLease;
import dev.anneal.job.queue.JobQueue;
import dev.anneal.json.Json;
import dev.anneal.local.DataDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.springframework.aop.framework.Advised;
import org.springframework.aop.framework.ProxyFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.core.Ordered;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Replaces training by nothing in server processes that have the variable {@code NO_TRAINING}: a worker claims, renews and
 * records as usual, and each job succeeds at once. The time of each claim is written into the data directory at the end.
 */
@Component
@ConditionalOnProperty("no.training")
class NoTraining implements BeanPostProcessor, Ordered, DisposableBean {
    private static final JsonNode EPOCH = Json.MAPPER.readTree("""
            {"epoch":1,"step":1,"train_loss":0.5,"validation_loss":null,"learning_rate":0.1,"examples_per_second":9.0,
             "seconds":2.0,"accuracy":null,"f1_macro":null}""");
    private static final JsonNode BEST = Json.MAPPER.readTree("{\"epoch\":1,\"metric\":\"loss\",\"value\":0.5}");

    private final ObjectProvider<JobLease> lease;
    private final ObjectProvider<AttemptWriter> record;
    private final ObjectProvider<DataDirectory> data;
    private final Queue<String> claims = new ConcurrentLinkedQueue<>();

    NoTraining(
            ObjectProvider<JobLease> lease, ObjectProvider<AttemptWriter> record, ObjectProvider<DataDirectory> data) {
        this.lease = lease;
        this.record = record;
        this.data = data;
    }

    @Override
    public int getOrder() {
        return LOWEST_PRECEDENCE; // after transactions, so that a claim is timed with its commit
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof JobQueue && bean instanceof Advised advised) {
            advised.addAdvice(0, (MethodInterceptor) this::time);
        }
        if (bean instanceof AttemptRunner) {
            ProxyFactory factory = new ProxyFactory(bean);
            factory.setProxyTargetClass(true);
            factory.addAdvice((MethodInterceptor) call ->
                    call.getMethod().getName().equals("run") ? run((Attempt) call.getArguments()[0]) : call.proceed());
            return factory.getProxy(getClass().getClassLoader());
        }
        return bean;
    }

    private Object time(MethodInvocation call) throws Throwable {
        long begin = System.nanoTime();
        Object answer = call.proceed();
        if (call.getMethod().getName().equals("claim")) {
            long nanos = System.nanoTime() - begin;
            ((Optional<?>) answer)
                    .map(Attempt.class::cast)
                    .ifPresent(claimed -> claims.add(
                            claimed.jobId() + " " + claimed.number() + " " + nanos + " " + System.currentTimeMillis()));
        }
        return answer;
    }

    private Object run(Attempt attempt) {
        if (lease.getObject().renew(attempt) != JobLease.Hold.HELD) {
            throw new AssertionError("not held: " + attempt);
        }
        record.getObject().epoch(attempt, EPOCH);
        record.getObject().succeeded(attempt, BEST, Json.MAPPER.nullNode(), null, attempt.jobId(), null);
        return null;
    }

    @Override
    public void destroy() throws IOException {
        Files.write(data.getObject().file("claims-" + ProcessHandle.current().pid()), claims);
    }
}
