package dev.anneal.security;

import dev.anneal.web.Idempotency;
import org.springframework.stereotype.Component;

/** Keeps the idempotency keys of one caller in one project apart from all others. */
@Component
class CallerScope implements Idempotency.Scope {
    @Override
    public String project() {
        return Caller.current().project();
    }

    @Override
    public String subject() {
        return Caller.current().subject();
    }
}
