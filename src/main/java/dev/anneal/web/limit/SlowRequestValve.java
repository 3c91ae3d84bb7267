package dev.anneal.web.limit;

import dev.anneal.web.SlowRequest;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.apache.coyote.InputBuffer;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.tomcat.autoconfigure.TomcatServerProperties;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * Refuses a body that arrives too slowly, because it would occupy a thread. Tomcat only limits the wait for a single byte. This
 * valve requires a number of bytes for each period spent waiting. It covers forms, which Tomcat reads itself, and the rest of
 * a body that is discarded after an answer, such as that to a request without a key. Only some threads at a time discard
 * bodies; beyond that, the connection is closed at once.
 */
@Component
class SlowRequestValve implements WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> {
    private final Duration window;
    private final long bytesPerWindow;
    private final long maxDiscarded;
    private final Semaphore discarding;

    SlowRequestValve(RequestSettings settings, TomcatServerProperties tomcat) {
        this.window = settings.slowAfter();
        this.bytesPerWindow = settings.minBytesPerSecond() * window.toMillis() / 1000;
        this.maxDiscarded = tomcat.getMaxSwallowSize().toBytes();
        this.discarding = new Semaphore(Math.max(1, tomcat.getThreads().getMax() / 10));
    }

    @Override
    public void customize(ConfigurableTomcatWebServerFactory tomcat) {
        tomcat.addEngineValves(new Pace());
    }

    private final class Pace extends ValveBase {
        Pace() {
            super(true);
        }

        @Override
        public void invoke(Request request, Response response) throws IOException, ServletException {
            InputBuffer unwatched = request.getCoyoteRequest().getInputBuffer();
            Watched watched = new Watched(unwatched, request);
            request.getCoyoteRequest().setInputBuffer(watched);
            try {
                getNext().invoke(request, response);
                if (!request.isAsync() && mayHaveBody(request)) {
                    response.finishResponse();
                    watched.discard();
                }
            } finally {
                request.getCoyoteRequest().setInputBuffer(unwatched);
            }
        }

        /**
         * Returns false if the client waited for "100 Continue" and got a refusal instead, so that no body follows, or if the
         * length of the body is malformed.
         */
        private static boolean mayHaveBody(Request request) {
            boolean announced;
            try {
                announced = request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
            } catch (IllegalArgumentException malformed) {
                return false; // Tomcat has refused the request, and closes the connection
            }
            return announced
                    && !(request.getCoyoteRequest().hasExpectation()
                            && request.getResponse().getStatus() / 100 != 2);
        }
    }

    private final class Watched implements InputBuffer {
        private final InputBuffer in;
        private final Request request;
        private long waited;
        private long bytes;
        private long received;

        Watched(InputBuffer in, Request request) {
            this.in = in;
            this.request = request;
        }

        @Override
        public int doRead(ApplicationBufferHandler handler) throws IOException {
            if (request.getAttribute(SlowRequest.ATTRIBUTE) != null) {
                throw tooSlow();
            }
            long start = System.nanoTime();
            int read;
            try {
                read = in.doRead(handler);
            } catch (SocketTimeoutException silent) {
                request.setAttribute(SlowRequest.ATTRIBUTE, true);
                throw silent;
            }
            waited += System.nanoTime() - start;
            bytes += Math.max(read, 0);
            received += Math.max(read, 0);
            FormRoom form = FormRoom.of(request.getRequest());
            if (form != null) {
                form.take(Math.max(read, 0));
            }
            if (read < 0 || received == request.getContentLengthLong()) {
                arrived();
            }
            if (waited > window.toNanos()) {
                if (bytes < bytesPerWindow && read >= 0) {
                    request.setAttribute(SlowRequest.ATTRIBUTE, true);
                    throw tooSlow();
                }
                waited = 0;
                bytes = 0;
            }
            return read;
        }

        /** Returns the exception that Tomcat answers with 408. It would answer 400 to any other. */
        private static SocketTimeoutException tooSlow() {
            return new SocketTimeoutException("the body arrived too slowly");
        }

        @Override
        public int available() {
            return in.available();
        }

        private void arrived() {
            ArrivingBody body = ArrivingBody.of(request.getRequest());
            if (body != null) {
                body.end();
            }
        }

        /** Reads the rest of the body, so that a client that is still sending can read the answer. */
        void discard() {
            if (received == request.getContentLengthLong()) {
                return;
            }
            if (!discarding.tryAcquire()) {
                request.getCoyoteRequest().action(ActionCode.CLOSE_NOW, null);
                return;
            }
            try {
                NoBuffer nowhere = new NoBuffer();
                long discarded = 0;
                for (int read = doRead(nowhere); read >= 0; read = doRead(nowhere)) {
                    discarded += read;
                    if (discarded > maxDiscarded) {
                        throw new IOException("the body is too large to be discarded");
                    }
                }
            } catch (IOException failed) {
                request.getCoyoteRequest().action(ActionCode.CLOSE_NOW, failed);
            } finally {
                discarding.release();
            }
        }
    }

    private static final class NoBuffer implements ApplicationBufferHandler {
        private java.nio.ByteBuffer bytes = java.nio.ByteBuffer.allocate(0);

        @Override
        public void setByteBuffer(java.nio.ByteBuffer buffer) {
            bytes = buffer;
        }

        @Override
        public java.nio.ByteBuffer getByteBuffer() {
            return bytes;
        }

        @Override
        public void expand(int size) {}
    }
}
