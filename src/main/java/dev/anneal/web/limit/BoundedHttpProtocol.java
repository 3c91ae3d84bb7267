package dev.anneal.web.limit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Objects;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.tomcat.util.net.NioEndpoint;

/** HTTP/1.1, of whose connections one address cannot have more than half, so that other addresses can always connect. */
public final class BoundedHttpProtocol extends Http11NioProtocol {
    public BoundedHttpProtocol() {
        super(new Endpoint());
    }

    private static final class Endpoint extends NioEndpoint {
        @Override
        protected boolean setSocketOptions(SocketChannel socket) {
            if (isAtLimit(socket)) {
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
                String address = ((InetSocketAddress) socket.getRemoteAddress())
                        .getAddress()
                        .getHostAddress();
                return connections.values().stream()
                                .filter(connection -> Objects.equals(connection.getRemoteAddr(), address))
                                .count()
                        >= limit;
            } catch (IOException closed) {
                return false;
            }
        }
    }
}
