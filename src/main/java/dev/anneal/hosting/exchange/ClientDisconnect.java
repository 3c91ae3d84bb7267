package dev.anneal.hosting.exchange;

import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import java.io.IOException;
import java.util.function.BooleanSupplier;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.apache.coyote.InputBuffer;
import org.apache.tomcat.util.net.ApplicationBufferHandler;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.stereotype.Component;

/**
 * Lets a request ask whether its client has closed the connection. Tomcat itself notices this only when it reads or writes, and
 * it does neither while a request waits for its answer.
 */
@Component
class ClientDisconnect implements WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> {
    private static final String ATTRIBUTE = ClientDisconnect.class.getName();

    @Override
    public void customize(ConfigurableTomcatWebServerFactory tomcat) {
        tomcat.addEngineValves(new Ask());
    }

    /**
     * Returns what tells whether the client has closed the connection. It must be called only while the request waits, and after
     * its body was read. It always says no if the client has sent its next request early, and for chunked bodies.
     */
    static BooleanSupplier of(ServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof BooleanSupplier known ? known : () -> false;
    }

    private static final class Ask extends ValveBase {
        Ask() {
            super(true);
        }

        @Override
        public void invoke(Request request, Response response) throws IOException, ServletException {
            org.apache.coyote.Request connection = request.getCoyoteRequest();
            ReadAhead body = ReadAhead.of(connection);
            request.setAttribute(ATTRIBUTE, (BooleanSupplier) () -> isClosed(connection, body));
            getNext().invoke(request, response);
        }

        /**
         * Lets Tomcat read what the client has sent, without waiting. At the end of the connection it reports one byte, so that a
         * read would find the end. A next request of the client, which may come early, has more.
         */
        private static boolean isClosed(org.apache.coyote.Request request, ReadAhead body) {
            if (body.mayHaveNext(request)) {
                return false;
            }
            request.action(ActionCode.AVAILABLE, true);
            return request.getAvailable() == 1;
        }
    }

    /**
     * Notes whether the next request was read together with the end of a body. Tomcat reads further into the same buffer, so that
     * looking for the end of the connection would overwrite the next request.
     */
    private static final class ReadAhead implements InputBuffer {
        private final InputBuffer connection;
        private boolean hasNext;

        private ReadAhead(InputBuffer connection) {
            this.connection = connection;
        }

        /** Returns the one of a connection, which has many requests. */
        static ReadAhead of(org.apache.coyote.Request request) {
            if (!(request.getInputBuffer() instanceof ReadAhead)) {
                request.setInputBuffer(new ReadAhead(request.getInputBuffer()));
            }
            ReadAhead body = (ReadAhead) request.getInputBuffer();
            body.hasNext = false;
            return body;
        }

        /** Tomcat does not tell where a chunked body has ended, so that one may always be followed by the next request. */
        boolean mayHaveNext(org.apache.coyote.Request request) {
            boolean isChunked = request.getMimeHeaders().getHeader("Transfer-Encoding") != null;
            return hasNext || isChunked && request.getContentLengthLong() < 0;
        }

        @Override
        public int doRead(ApplicationBufferHandler body) throws IOException {
            int read = connection.doRead(body);
            if (read > 0 && connection instanceof ApplicationBufferHandler all) {
                hasNext = body.getByteBuffer().limit() < all.getByteBuffer().limit();
            }
            return read;
        }

        @Override
        public int available() {
            return connection.available();
        }
    }
}
