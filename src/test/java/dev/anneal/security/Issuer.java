package dev.anneal.security;

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
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.concurrent.atomic.AtomicInteger;

/** An OpenID issuer of one key on this machine. */
final class Issuer implements AutoCloseable {
    private final HttpServer http;
    private final RSAKey key;
    private final AtomicInteger fetches = new AtomicInteger();

    Issuer() {
        try {
            key = newKey("one");
            http = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        serve(
                "/.well-known/openid-configuration",
                "{\"issuer\":\"%s\",\"jwks_uri\":\"%s/keys\",\"id_token_signing_alg_values_supported\":[\"RS256\"]}"
                        .formatted(url(), url()));
        serve("/keys", new JWKSet(key.toPublicJWK()).toString());
        http.start();
    }

    private void serve(String path, String json) {
        http.createContext(path, exchange -> {
            if (path.equals("/keys")) {
                fetches.incrementAndGet();
            }
            byte[] body = json.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
    }

    /** How often its keys were asked for. */
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
