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

/** One outgoing request. Any thread may close it, which closes its connection and ends the wait for its answer. */
public final class OutboundCall implements Closeable {
    /** The answer. Its body is closed with the call. */
    public record Answer(int status, Headers headers, InputStream body) {
        public Optional<String> header(String name) {
            return headers.first(name);
        }
    }

    /** The headers of an answer. Names are case-insensitive. */
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

    /** Sends the request and waits for the head of the answer. */
    public Answer send() throws IOException {
        Future<?> deadline = http.cancelLater(this);
        ClassicHttpResponse response;
        try {
            response = http.execute(request);
        } catch (RuntimeException failure) {
            if (request
                    .isAborted()) { // the client throws one or another if the call is closed between two of its steps
                throw new IOException("the call was closed before it was answered", failure);
            }
            throw failure;
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
        request.abort(); // does nothing if the answer was read to its end
    }

    /** Closes the connection if it is closed before its end. The library would read to the end. */
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
