package dev.anneal.security;

import dev.anneal.web.Idempotency;
import org.springframework.stereotype.Component;

/** Separates the idempotency keys of different callers and projects. */
@Component
class IdempotencyScope implements Idempotency.Scope {
    @Override
    public String project() {
        return Caller.current().project();
    }

    @Override
    public String subject() {
        return Caller.current().subject();
    }
}
