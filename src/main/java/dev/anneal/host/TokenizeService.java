package dev.anneal.host;

import dev.anneal.host.message.TokenizeMessage;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;

/** Counts the tokens of texts. */
final class TokenizeService {
    private final Tokenizer tokenizer;
    private final Watchdog watchdog;
    private final Executor work;

    private TokenizeService(Tokenizer tokenizer, Watchdog watchdog, Executor work) {
        this.tokenizer = tokenizer;
        this.watchdog = watchdog;
        this.work = work;
    }

    static TokenizeService load(Path directory, Watchdog watchdog, Executor work) {
        return new TokenizeService(Tokenizer.load(directory, Integer.MAX_VALUE), watchdog, work);
    }

    void answer(HostCall call, TokenizeMessage message) {
        work.execute(() -> {
            try {
                List<Integer> counts = new ArrayList<>();
                for (String text : message.texts()) {
                    if (call.isCancelled()) {
                        throw new CancellationException();
                    }
                    counts.add(watchdog.within("tokenize a text", call, () -> tokenizer.encodeAll(text, true).length));
                }
                call.succeed(counts);
            } catch (Throwable fault) {
                call.fail(fault);
            }
        });
    }
}
