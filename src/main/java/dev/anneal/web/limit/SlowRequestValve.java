package dev.anneal.web.limit;

import dev.anneal.web.SlowRequest;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
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
 * Refuses a body that comes too slowly, for each holds a thread until it is there. The container only bounds how long a
 * single byte may take; here every so many seconds of waiting must bring so many bytes. That holds for all readers, also of
 * forms, which the container reads itself, and for what is thrown away after an answer.
 */
@Component
class SlowRequestValve implements WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> {
    private final Duration window;
    private final long bytesPerWindow;
    private final long maxDiscarded;

    SlowRequestValve(RequestSettings settings, TomcatServerProperties tomcat) {
        this.window = settings.slowAfter();
        this.bytesPerWindow = settings.minBytesPerSecond() * window.toMillis() / 1000;
        this.maxDiscarded = tomcat.getMaxSwallowSize().toBytes();
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

        /** Not where it waited to be asked for and got a refusal instead. */
        private static boolean mayHaveBody(Request request) {
            boolean announced = request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
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

        /** Of any other exception the container makes a 400, whatever the reader makes of it. */
        private static SocketTimeoutException tooSlow() {
            return new SocketTimeoutException("the body came too slowly");
        }

        @Override
        public int available() {
            return in.available();
        }

        /** What the answer left unread: the client may be sending still, and is to read the answer. */
        void discard() {
            try {
                NoBuffer nowhere = new NoBuffer();
                long discarded = 0;
                for (int read = doRead(nowhere); read >= 0; read = doRead(nowhere)) {
                    discarded += read;
                    if (discarded > maxDiscarded) {
                        throw new IOException("the body is too large to be read to its end");
                    }
                }
            } catch (IOException hopeless) {
                request.getCoyoteRequest().action(ActionCode.CLOSE_NOW, hopeless);
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
