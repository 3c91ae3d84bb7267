package dev.anneal.security.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.concurrent.atomic.AtomicInteger;

/** An OpenID issuer of one key on this machine. */
final class Issuer implements AutoCloseable {
    /** A new key takes about a second. */
    private static final RSAKey FIRST = newKey("one");

    private final HttpServer http;
    private volatile RSAKey key;
    private volatile HttpHandler answer = exchange -> send(exchange, keys());
    private final AtomicInteger fetches = new AtomicInteger();

    Issuer() {
        try {
            key = FIRST;
            http = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        String configuration =
                "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\",\"id_token_signing_alg_values_supported\":[\"RS256\"]}"
                        .formatted(url(), url());
        http.createContext("/.well-known/openid-configuration", exchange -> send(exchange, configuration));
        http.createContext("/keys", exchange -> {
            fetches.incrementAndGet();
            answer.handle(exchange);
            exchange.close();
        });
        http.start();
    }

    static void send(HttpExchange exchange, String json) throws IOException {
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /** Returns the public keys as JSON. */
    String keys() {
        return new JWKSet(key.toPublicJWK()).toString();
    }

    /** Replaces the answer to a request for the keys. */
    void answerKeys(HttpHandler handler) {
        answer = handler;
    }

    /** Publishes the key in place of the previous one and signs with it. */
    void rotate(RSAKey next) {
        key = next;
        answer = exchange -> send(exchange, keys());
    }

    /** Returns how often its keys were requested. */
    int fetches() {
        return fetches.get();
    }

    String url() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    static RSAKey newKey(String id) {
        try {
            return new RSAKeyGenerator(2048).keyID(id).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Claims of somebody who may edit in the project tokens. */
    JWTClaimsSet.Builder good() {
        return new JWTClaimsSet.Builder()
                .issuer(url())
                .audience("anneal")
                .subject("user-7")
                .claim("preferred_username", "Ada")
                .claim("anneal_project", "tokens")
                .claim("anneal_role", "editor")
                .expirationTime(new Date(System.currentTimeMillis() + 600_000));
    }

    String sign(JWTClaimsSet claims) {
        return sign(claims, key);
    }

    static String sign(JWTClaimsSet claims, RSAKey key) {
        try {
            SignedJWT jwt = new SignedJWT(
                    new JWSHeader.Builder(JWSAlgorithm.RS256)
                            .keyID(key.getKeyID())
                            .build(),
                    claims);
            jwt.sign(new RSASSASigner(key));
            return jwt.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }

    static String unsigned(JWTClaimsSet claims) {
        return new PlainJWT(claims).serialize();
    }

    @Override
    public void close() {
        http.stop(0);
    }
}
