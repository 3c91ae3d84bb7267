package dev.anneal.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The addresses that outgoing calls may reach. */
class OutboundGuardTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.9.9.9",
                "0.0.0.0",
                "10.0.0.1",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "100.64.0.1",
                "100.100.100.200",
                "169.254.169.254",
                "192.0.0.192",
                "168.63.129.16",
                "198.18.0.1",
                "224.0.0.1",
                "255.255.255.255",
                "240.0.0.1",
                "::",
                "::1",
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "::127.0.0.1",
                "::ffff:0:127.0.0.1",
                "64:ff9b::127.0.0.1",
                "64:ff9b::a9fe:a9fe",
                "64:ff9b:1::1",
                "fe80::1",
                "fec0::1",
                "fc00::1",
                "fd00:ec2::254",
                "ff02::1",
                "2002:7f00:1::",
                "2001:0:7f00:1::",
                "2001:db8::1"
            })
    void addressesThatAreNotPublicAreRefused(String address) {
        assertThatThrownBy(() -> guard().resolve(address)).isInstanceOf(AddressRefused.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::101:101"})
    void publicAddressesAreCalled(String address) throws UnknownHostException {
        assertThat(guard().resolve(address)).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "2130706433", "0x7f000001", "127.1"})
    void otherSpellingsOfLoopbackAreNoWayIn(String host) {
        assertThatThrownBy(() -> guard().resolve(host)).isInstanceOf(UnknownHostException.class);
    }

    @Test
    void aNameWithOnePublicAndOnePrivateAddressIsRefused() {
        OutboundGuard guard = guard(names(host -> new String[] {"1.1.1.1", "10.0.0.1"}));

        assertThatThrownBy(() -> guard.resolve("two.example"))
                .isInstanceOf(AddressRefused.class)
                .hasMessageContaining("anneal.outbound.allow");
    }

    @Test
    void anAllowedAddressIsCalled() throws UnknownHostException {
        OutboundGuard guard = new OutboundGuard(
                new OutboundSettings(List.of("Hub.Corp", " *.mirror.corp", "10.1.0.0/16", "fd00::/8", "")),
                names(host -> new String[] {host.equals("far.corp") ? "10.2.0.1" : "192.168.0.1"}),
                Duration.ofSeconds(5));

        assertThat(guard.resolve("hub.corp")).hasSize(1);
        assertThat(guard.resolve("a.mirror.corp")).hasSize(1);
        assertThatThrownBy(() -> guard.resolve("evilmirror.corp")).isInstanceOf(AddressRefused.class);
        assertThatThrownBy(() -> guard.resolve("far.corp")).isInstanceOf(AddressRefused.class);
        assertThat(guard("10.1.0.0/16", "fd00::/8").resolve("10.1.2.3")).hasSize(1);
        assertThat(guard("10.1.0.0/16", "fd00::/8").resolve("fd12::1")).hasSize(1);
        assertThatThrownBy(() -> new OutboundSettings(List.of("10.0.0.0/33")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://Mlflow.Corp:5000/", "http://10.0.0.1", "http://[fd12::1]:80/x"})
    void theHostOfASettingIsCalledByItsOwnClientOnly(String server) throws UnknownHostException {
        URI uri = URI.create(server);
        String host = uri.getHost().replaceAll("[\\[\\]]", "");
        DnsResolver private10 = names(name -> new String[] {name.contains(":") ? name : "10.0.0.1"});
        OutboundGuard guard =
                new OutboundGuard(new OutboundSettings(List.of("files.corp")), private10, Duration.ofSeconds(5));

        assertThat(guard.with(uri).resolve(host)).hasSize(1);
        assertThat(guard.with(uri).resolve("files.corp")).hasSize(1);
        assertThatThrownBy(() -> guard.with(uri).resolve("fd12::2")).isInstanceOf(AddressRefused.class);
        assertThatThrownBy(() -> guard.resolve(host)).isInstanceOf(AddressRefused.class);
    }

    @Test
    void aNameThatChangesItsAddressAfterTheCheckIsNotCalled() throws IOException {
        AtomicInteger asked = new AtomicInteger();
        OutboundGuard guard =
                guard(names(host -> new String[] {asked.getAndIncrement() == 0 ? "1.1.1.1" : "127.0.0.1"}));
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        AtomicInteger calls = new AtomicInteger();
        server.createContext("/", exchange -> {
            calls.incrementAndGet();
            exchange.sendResponseHeaders(200, -1);
        });
        server.start();
        URI uri = URI.create("http://rebind.example:" + server.getAddress().getPort() + "/");
        try (OutboundHttp http = http(guard)) {
            guard.check(uri, "p");
            assertThatThrownBy(() -> http.get(uri).send()).isInstanceOf(AddressRefused.class);
            assertThat(calls).hasValue(0);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void onlyTheWebIsCalled() {
        for (String uri :
                List.of("file:///etc/passwd", "ftp://x/", "gopher://x/", "http://user@x/", "http:x", "//x/")) {
            assertThat(OutboundGuard.isWeb(URI.create(uri))).as(uri).isFalse();
        }
        assertThat(OutboundGuard.isWeb(URI.create("HTTPS://x:8443/"))).isTrue();
    }

    /** It sends a byte of a head that never ends whenever a read of it has waited for a moment. */
    @Test
    void aSlowAnswerIsGivenUp() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
                OutboundHttp http =
                        new OutboundHttp(guard("127.0.0.1"), Duration.ofSeconds(5), Duration.ofMillis(300), 2)) {
            Thread drip = new Thread(() -> {
                try (Socket socket = server.accept()) {
                    socket.setSoTimeout(20);
                    socket.getOutputStream().write("HTTP/1.1 200 OK\r\nX: ".getBytes());
                    while (true) {
                        try {
                            if (socket.getInputStream().read() < 0) {
                                return;
                            }
                        } catch (java.net.SocketTimeoutException quiet) {
                            socket.getOutputStream().write('x');
                        }
                    }
                } catch (IOException gone) {
                    // the client hung up
                }
            });
            drip.start();
            assertThatThrownBy(() -> http.get(URI.create("http://127.0.0.1:" + server.getLocalPort() + "/"))
                            .send())
                    .isInstanceOf(IOException.class);
            drip.join(10_000);
            assertThat(drip.isAlive()).isFalse();
        }
    }

    private static OutboundHttp http(OutboundGuard guard) {
        return new OutboundHttp(guard, Duration.ofSeconds(5), Duration.ofSeconds(5), 2);
    }

    private static OutboundGuard guard(String... allow) {
        return new OutboundGuard(
                new OutboundSettings(List.of(allow)), SystemDefaultDnsResolver.INSTANCE, Duration.ofSeconds(5));
    }

    private static OutboundGuard guard(DnsResolver names) {
        return new OutboundGuard(new OutboundSettings(List.of()), names, Duration.ofSeconds(5));
    }

    private static DnsResolver names(java.util.function.Function<String, String[]> names) {
        return new DnsResolver() {
            @Override
            public InetAddress[] resolve(String host) throws UnknownHostException {
                String[] literals = names.apply(host);
                InetAddress[] addresses = new InetAddress[literals.length];
                for (int i = 0; i < literals.length; i++) {
                    addresses[i] = InetAddress.getByName(literals[i]);
                }
                return addresses;
            }

            @Override
            public String resolveCanonicalHostname(String host) {
                return host;
            }
        };
    }
}
