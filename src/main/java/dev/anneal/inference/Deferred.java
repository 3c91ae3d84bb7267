package dev.anneal.inference;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.springframework.web.context.request.async.DeferredResult;

/** Turns futures into answers that Spring writes when they are complete. */
final class Deferred {
    private Deferred() {}

    /** Returns the answer. If the container notices that the client has disconnected, the future is cancelled. */
    static <T> DeferredResult<T> of(CompletableFuture<T> future) {
        DeferredResult<T> answer = new DeferredResult<>();
        answer.onError(disconnected -> future.cancel(false));
        future.whenComplete((result, failure) -> {
            if (failure == null) {
                answer.setResult(result);
            } else {
                Throwable cause = failure.getCause();
                answer.setErrorResult(failure instanceof CompletionException && cause != null ? cause : failure);
            }
        });
        return answer;
    }
}
