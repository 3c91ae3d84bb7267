package dev.anneal.web.limit;

import io.micrometer.core.instrument.Metrics;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SecureNioChannel;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.threads.TaskThread;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1, of whose connections one address cannot have more than half, so that other addresses can always connect. If too many
 * threads wait for clients that read slowly, a connection for which a further one would wait is closed.
 */
public final class BoundedHttpProtocol extends Http11NioProtocol {
    public BoundedHttpProtocol() {
        super(new Endpoint());
        setContinueResponseTiming("onRead"); // a client whose request is refused need not send the body
    }

    private static String address(SocketChannel socket) throws IOException {
        return ((InetSocketAddress) socket.getRemoteAddress()).getAddress().getHostAddress();
    }

    private static void countClosed(String reason) {
        Metrics.counter("anneal.connections.closed", "reason", reason).increment();
    }

    private static final class Endpoint extends NioEndpoint {
        private final SlowReaders slow = new SlowReaders();

        @Override
        protected boolean setSocketOptions(SocketChannel socket) {
            if (isAtLimit(socket)) {
                countClosed("address_limit");
                destroySocket(socket);
                return false;
            }
            return super.setSocketOptions(socket);
        }

        private boolean isAtLimit(SocketChannel socket) {
            try {
                int limit = getMaxConnections() / 2;
                if (limit <= 0 || connections.size() < limit) {
                    return false;
                }
                String address = address(socket);
                return connections.values().stream()
                                .filter(connection -> Objects.equals(connection.getRemoteAddr(), address))
                                .count()
                        >= limit;
            } catch (IOException closed) {
                return false;
            }
        }

        @Override
        protected NioChannel createChannel(SocketBufferHandler buffer) {
            return isSSLEnabled() ? new SecureChannel(buffer, this) : new Channel(buffer, this);
        }
    }

    /** A thread that waits until the client of a connection reads. */
    private static final class Wait {
        private final Endpoint endpoint;
        private @Nullable String address;

        Wait(Endpoint endpoint) {
            this.endpoint = endpoint;
        }

        /** Notes that a write took no byte. The thread will wait, and write again when there is room. */
        void begin(SocketChannel socket) throws IOException {
            if (!(Thread.currentThread() instanceof TaskThread)) {
                return; // requests do not wait for this thread
            }
            String client = address(socket);
            if (!endpoint.slow.begin(client, endpoint.getMaxThreads())) {
                countClosed("slow_reader");
                throw new IOException("too many answers wait for clients that read slowly");
            }
            synchronized (this) {
                address = client;
            }
            if (!socket.isOpen()) { // it was closed meanwhile, and may not be written to again
                end();
            }
        }

        synchronized void end() {
            if (address != null) {
                endpoint.slow.end(address);
                address = null;
            }
        }
    }

    private static final class Channel extends NioChannel {
        private final Wait wait;

        Channel(SocketBufferHandler buffer, Endpoint endpoint) {
            super(buffer);
            this.wait = new Wait(endpoint);
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            wait.end();
            int written = super.write(bytes);
            if (written == 0 && bytes.hasRemaining()) {
                wait.begin(getIOChannel());
            }
            return written;
        }

        @Override
        public void close() throws IOException {
            wait.end();
            super.close();
        }
    }

    private static final class SecureChannel extends SecureNioChannel {
        private final Wait wait;

        SecureChannel(SocketBufferHandler buffer, Endpoint endpoint) {
            super(buffer, endpoint);
            this.wait = new Wait(endpoint);
        }

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            wait.end();
            int written = super.write(bytes);
            if (written == 0 && (bytes.hasRemaining() || getOutboundRemaining() > 0)) {
                wait.begin(getIOChannel());
            }
            return written;
        }

        @Override
        public void close() throws IOException {
            wait.end();
            super.close();
        }

        @Override
        public void close(boolean force) throws IOException {
            wait.end();
            super.close(force);
        }
    }
}
