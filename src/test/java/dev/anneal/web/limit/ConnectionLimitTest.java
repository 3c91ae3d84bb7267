package dev.anneal.web.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.anneal.testing.ServerTest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/** One address has half of 40 connections. The tests use several addresses of the loopback interface. */
@ServerTest
@Timeout(60)
@TestPropertySource(properties = {"anneal.roles=api", "server.tomcat.max-connections=40"})
class ConnectionLimitTest {
    private static final int LIMIT = 20;

    @LocalServerPort
    int port;

    private final Deque<Socket> open = new ArrayDeque<>();

    @AfterEach
    void closeAll() throws IOException {
        for (Socket socket : open) {
            socket.close();
        }
    }

    @Test
    void anAddressWithHalfOfTheConnectionsGetsNoMoreUntilOneEnds() throws IOException {
        for (int i = 0; i < LIMIT; i++) {
            assertThat(isServed(connect("127.0.0.2"))).as("connection %d", i).isTrue();
        }
        for (int i = 0; i < LIMIT; i++) {
            assertThat(isServed(connect("127.0.0.2")))
                    .as("connection %d beyond the limit", i)
                    .isFalse();
        }
        assertThat(isServed(connect("127.0.0.3"))).isTrue();
        assertThat(isServed(open.getFirst())).as("one that was open before").isTrue();

        open.removeFirst().close();

        boolean served = false;
        while (!served) { // the server notices the end a moment later; the time limit ends this
            served = isServed(connect("127.0.0.2"));
        }
    }

    private Socket connect(String from) throws IOException {
        Socket socket = new Socket();
        socket.bind(new InetSocketAddress(from, 0));
        socket.connect(new InetSocketAddress("127.0.0.1", port));
        open.add(socket);
        return socket;
    }

    /** Sends a request and reads the head of the answer, which has no body. */
    private static boolean isServed(Socket socket) throws IOException {
        try {
            socket.getOutputStream()
                    .write("HEAD /actuator/health/liveness HTTP/1.1\r\nHost: x\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int read = socket.getInputStream().read();
                if (read < 0) {
                    return false;
                }
                head.append((char) read);
            }
            return head.indexOf("HTTP/1.1 200") == 0;
        } catch (SocketException closed) {
            return false;
        }
    }
}
