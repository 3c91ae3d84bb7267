package dev.anneal.outbound;

import dev.anneal.log.LoggingScheduler;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpPut;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.ManagedHttpClientConnectionFactory;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/**
 * The HTTP client for all calls to addresses that users name, behind {@link OutboundGuard}. It follows no redirects, so that
 * callers check each one. It keeps no cookies, does not retry, and uses no proxy.
 */
public final class OutboundHttp implements AutoCloseable {
    private static final int MAX_LINE_BYTES = 16 << 10;
    private static final int MAX_HEADERS = 200;

    private final CloseableHttpClient client;
    private final Duration answer;
    private final ScheduledExecutorService deadlines = new LoggingScheduler(1, "outbound-deadlines");

    /** {@code answer} limits the time until the head of an answer is there, and the time its body may bring nothing. */
    public OutboundHttp(OutboundGuard guard, Duration connect, Duration answer, int connections) {
        this.answer = answer;
        Http1Config bounds = Http1Config.custom()
                .setMaxLineLength(MAX_LINE_BYTES)
                .setMaxHeaderCount(MAX_HEADERS)
                .build();
        this.client = HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setDnsResolver(guard)
                        .setConnectionFactory(ManagedHttpClientConnectionFactory.builder()
                                .http1Config(bounds)
                                .build())
                        .setMaxConnTotal(connections)
                        .setMaxConnPerRoute(connections)
                        .setDefaultConnectionConfig(ConnectionConfig.custom()
                                .setConnectTimeout(Timeout.of(connect))
                                .setTimeToLive(TimeValue.ofSeconds(30)) // names are resolved again after that
                                .build())
                        .build())
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(Timeout.of(answer))
                        .setResponseTimeout(Timeout.of(answer))
                        .build())
                .setUserAgent("anneal")
                .disableRedirectHandling()
                .disableAutomaticRetries()
                .disableContentCompression()
                .disableCookieManagement()
                .disableAuthCaching()
                .build();
    }

    public OutboundCall get(URI uri) {
        return new OutboundCall(this, new HttpGet(uri));
    }

    public OutboundCall post(URI uri, byte[] json) {
        HttpPost post = new HttpPost(uri);
        post.setEntity(new ByteArrayEntity(json, ContentType.APPLICATION_JSON));
        return new OutboundCall(this, post);
    }

    public OutboundCall put(URI uri, byte[] content) {
        HttpPut put = new HttpPut(uri);
        put.setEntity(new ByteArrayEntity(content, ContentType.APPLICATION_OCTET_STREAM));
        return new OutboundCall(this, put);
    }

    ClassicHttpResponse execute(HttpUriRequestBase request) throws IOException {
        return client.executeOpen(target(request), request, null);
    }

    private static HttpHost target(HttpUriRequestBase request) throws IOException {
        try {
            URI uri = request.getUri();
            if (!OutboundGuard.isWeb(uri)) {
                throw new IOException("only http and https URLs can be called");
            }
            return new HttpHost(uri.getScheme().toLowerCase(), uri.getHost().replaceAll("^\\[|]$", ""), uri.getPort());
        } catch (java.net.URISyntaxException e) {
            throw new IOException(e);
        }
    }

    /** Closes the call after a while. A server that sends a byte now and then would never let a read time out. */
    Future<?> cancelLater(OutboundCall call) {
        return deadlines.schedule(call::close, answer.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        deadlines.shutdownNow();
        client.close(org.apache.hc.core5.io.CloseMode.IMMEDIATE);
    }
}
