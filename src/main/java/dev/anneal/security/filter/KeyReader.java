package dev.anneal.security.filter;

import dev.anneal.security.AuthenticationResult;
import dev.anneal.security.key.ApiKeyAuthenticator;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Reads keys, and limits how many wrong ones an address may send. */
@Component
public class KeyReader {
    private final ApiKeyAuthenticator keys;
    private final FailedAuthLimiter failures;

    KeyReader(ApiKeyAuthenticator keys, FailedAuthLimiter failures) {
        this.keys = keys;
        this.failures = failures;
    }

    /** Returns who calls with the key. Throws if the address has sent too many wrong keys. */
    public AuthenticationResult read(String secret, @Nullable String project, String address) {
        failures.check(address, secret);
        AuthenticationResult result = keys.read(secret, project);
        if (result.caller() != null) {
            failures.succeeded(secret);
        } else if (result.subject() == null) {
            failures.failed(address, secret);
        }
        return result;
    }
}
