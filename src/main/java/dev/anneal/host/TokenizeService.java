package dev.anneal.host;

import dev.anneal.host.message.TokenizeMessage;
import dev.anneal.transformer.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Counts the tokens of texts. */
final class TokenizeService {
    private final Tokenizer tokenizer;
    private final Watchdog watchdog;
    private final CallThreads threads;

    private TokenizeService(Tokenizer tokenizer, Watchdog watchdog, CallThreads threads) {
        this.tokenizer = tokenizer;
        this.watchdog = watchdog;
        this.threads = threads;
    }

    static TokenizeService load(Path directory, Watchdog watchdog, CallThreads threads) {
        return new TokenizeService(Tokenizer.load(directory, Integer.MAX_VALUE), watchdog, threads);
    }

    void answer(HostCall call, TokenizeMessage message) {
        threads.execute(call, () -> {
            List<Integer> counts = new ArrayList<>();
            for (String text : message.texts()) {
                call.stopIfCancelled();
                counts.add(watchdog.within("tokenize a text", call, () -> tokenizer.encodeAll(text, true).length));
            }
            call.succeed(counts);
        });
    }
}
