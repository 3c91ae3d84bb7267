package dev.anneal.outbound;

import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Future;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;

/** One outgoing request. Closing it, from any thread, breaks its connection and ends whatever waits for it. */
public final class OutboundCall implements Closeable {
    /** The answer; its body ends with the call. */
    public record Answer(int status, Headers headers, InputStream body) {
        public Optional<String> header(String name) {
            return headers.first(name);
        }
    }

    /** The headers of an answer, by name in any case. */
    public interface Headers {
        Optional<String> first(String name);

        default OptionalLong number(String name) {
            return first(name)
                    .filter(text -> text.matches("\\d{1,18}"))
                    .map(text -> OptionalLong.of(Long.parseLong(text)))
                    .orElse(OptionalLong.empty());
        }
    }

    private final OutboundHttp http;
    private final HttpUriRequestBase request;

    OutboundCall(OutboundHttp http, HttpUriRequestBase request) {
        this.http = http;
        this.request = request;
    }

    public OutboundCall header(String name, String value) {
        request.setHeader(name, value);
        return this;
    }

    /** Sends it and waits for the head of the answer. */
    public Answer send() throws IOException {
        Future<?> deadline = http.cancelLater(this);
        ClassicHttpResponse response;
        try {
            response = http.execute(request);
        } finally {
            deadline.cancel(false);
        }
        InputStream body = response.getEntity() == null
                ? InputStream.nullInputStream()
                : response.getEntity().getContent();
        return new Answer(response.getCode(), name -> first(response, name), new Body(body));
    }

    private static Optional<String> first(ClassicHttpResponse response, String name) {
        return Optional.ofNullable(response.getFirstHeader(name)).map(Header::getValue);
    }

    @Override
    public void close() {
        request.abort(); // nothing, where the answer was read to its end
    }

    /** Closed before its end it breaks the connection, where the library would read on to the end. */
    private final class Body extends FilterInputStream {
        Body(InputStream in) {
            super(in);
        }

        @Override
        public void close() {
            OutboundCall.this.close();
        }
    }
}
