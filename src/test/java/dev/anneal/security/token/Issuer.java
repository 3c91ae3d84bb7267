package dev.anneal.security.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** An OpenID issuer of one key on this machine, at which people sign in, too. */
public final class Issuer implements AutoCloseable {
    /** A new key takes about a second. */
    private static final RSAKey FIRST = newKey("one");

    private final HttpServer http;
    private volatile RSAKey key;
    private volatile HttpHandler answer = exchange -> send(exchange, keys());
    private final AtomicInteger fetches = new AtomicInteger();
    private final AtomicInteger configurations = new AtomicInteger();
    private volatile boolean failsConfiguration;
    private volatile CountDownLatch held = new CountDownLatch(0);

    /** The requests of people who signed in, by the codes that their browsers bring back. */
    private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();

    private final Map<String, JWTClaimsSet> people = new ConcurrentHashMap<>();
    private volatile JWTClaimsSet.Builder visitor;

    public Issuer() {
        try {
            key = FIRST;
            http = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        String configuration =
                "{\"issuer\":\"%1$s\",\"jwks_uri\":\"%1$s/keys\",\"authorization_endpoint\":\"%1$s/page?theme=plain\",\"token_endpoint\":\"%1$s/token\"}"
                        .formatted(url());
        http.createContext("/.well-known/openid-configuration", exchange -> {
            configurations.incrementAndGet();
            if (failsConfiguration) {
                exchange.sendResponseHeaders(500, -1);
                exchange.close();
            } else {
                send(exchange, configuration);
            }
        });
        http.createContext("/keys", exchange -> {
            fetches.incrementAndGet();
            answer.handle(exchange);
            exchange.close();
        });
        http.createContext("/page", this::showPage);
        http.createContext("/token", this::exchange);
        http.start();
    }

    /**
     * Signs a person in on the page of the issuer. Returns the address to which it sends the browser.
     *
     * @param page the address of the page, with what the service asks for
     */
    public String signIn(String page, JWTClaimsSet.Builder claims) {
        Map<String, String> asked = parsed(URI.create(page).getRawQuery());
        JWTClaimsSet person = claims.build();
        if (person.getClaim("nonce") == null) {
            claims.claim("nonce", asked.get("nonce"));
        }
        String code = "code " + codes.size();
        codes.put(code, asked);
        people.put(code, claims.build());
        return asked.get("redirect_uri") + "?state=" + asked.get("state") + "&code=" + code.replace(" ", "%20");
    }

    /** Signs the next visitor of the page in as this person, who must click on "Allow". */
    public void expect(JWTClaimsSet.Builder person) {
        visitor = person;
    }

    private void showPage(HttpExchange exchange) throws IOException {
        String back = signIn(url() + exchange.getRequestURI(), visitor);
        byte[] page =
                "<a href=\"%s\">Allow</a>".formatted(back.replace("&", "&amp;")).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/html");
        exchange.sendResponseHeaders(200, page.length);
        exchange.getResponseBody().write(page);
        exchange.close();
    }

    /** Returns the names and values of a query or form. */
    public static Map<String, String> parsed(String query) {
        Map<String, String> values = new HashMap<>();
        for (String each : query.split("&")) {
            String[] pair = each.split("=", 2);
            values.put(pair[0], URLDecoder.decode(pair[1], StandardCharsets.UTF_8));
        }
        return values;
    }

    /** Gives a token for a code, once, to the client that asked for it and has its verifier. */
    private void exchange(HttpExchange exchange) throws IOException {
        try {
            held.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        Map<String, String> form = parsed(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        Map<String, String> asked = codes.remove(form.get("code"));
        String client = Base64.getEncoder().encodeToString("page:s%26cret".getBytes(StandardCharsets.UTF_8));
        boolean isGranted = asked != null
                && "authorization_code".equals(form.get("grant_type"))
                && asked.get("redirect_uri").equals(form.get("redirect_uri"))
                && asked.get("code_challenge").equals(challenge(form.get("code_verifier")))
                && ("Basic " + client).equals(exchange.getRequestHeaders().getFirst("Authorization"));
        if (isGranted) {
            send(exchange, "{\"token_type\":\"Bearer\",\"id_token\":\"" + sign(people.get(form.get("code"))) + "\"}");
        } else {
            exchange.sendResponseHeaders(400, -1);
            exchange.close();
        }
    }

    private static String challenge(String verifier) {
        try {
            return Base64URL.encode(
                            MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII)))
                    .toString();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
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

    /** Gives no answer for a code before the latch is open. */
    public void hold(CountDownLatch until) {
        held = until;
    }

    void failConfiguration() {
        failsConfiguration = true;
    }

    /** Returns how often its metadata was requested. */
    int configurations() {
        return configurations.get();
    }

    /** Returns how often its keys were requested. */
    int fetches() {
        return fetches.get();
    }

    public String url() {
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
    public JWTClaimsSet.Builder good() {
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
