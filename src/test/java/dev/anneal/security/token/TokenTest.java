package dev.anneal.security.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import dev.anneal.json.Json;
import dev.anneal.security.AuthenticationResult;
import dev.anneal.security.ProjectNames;
import dev.anneal.security.Role;
import dev.anneal.testing.Api;
import dev.anneal.testing.Client.Answer;
import dev.anneal.testing.Reviews;
import dev.anneal.testing.ServerTest;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.tomcat.autoconfigure.TomcatServerProperties;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** Tokens of an issuer that the server trusts, and of those that it does not. */
@ServerTest
@TestPropertySource(properties = {"anneal.roles=api,inference", "anneal.oidc.audience=anneal"})
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokenTest {
    private static final Issuer ISSUER = new Issuer();
    private static final RSAKey OTHER_KEY = Issuer.newKey("another");

    @DynamicPropertySource
    static void issuer(DynamicPropertyRegistry properties) {
        properties.add("anneal.oidc.issuer", ISSUER::url);
    }

    @Autowired
    Api api;

    @Autowired
    ProjectNames projects;

    @BeforeAll
    void project() {
        api.post("/api/v1/projects", "{\"id\":\"tokens\"}");
    }

    @Test
    void aTokenIsItsSubjectInTheProjectThatItNames() {
        String token = ISSUER.sign(ISSUER.good().build());
        String dataset =
                api.withKey(token).upload("x.csv", Reviews.csv(40), Map.of()).text("id");

        assertThat(api.in("tokens").get("/api/v1/datasets/" + dataset).status()).isEqualTo(200);
        assertThat(api.get("/api/v1/datasets/" + dataset).status()).isEqualTo(404);
        assertThat(api.withKey(token).get("/api/v1/keys").text("required_role")).isEqualTo("admin");
        var logged = api.get("/api/v1/audit?actor=user-7").json().get("data").get(0);
        assertThat(logged.get("actor_name").asString()).isEqualTo("Ada");
        assertThat(logged.get("project").asString()).isEqualTo("tokens");
    }

    @Test
    void unknownKeyIdsFetchTheIssuersKeysAtMostOnceInAWhile() {
        int before = ISSUER.fetches();
        for (int i = 0; i < 20; i++) {
            String token = Issuer.sign(ISSUER.good().build(), OTHER_KEY);
            assertThat(api.withKey(token).get("/api/v1/jobs").status()).isEqualTo(401);
        }
        assertThat(ISSUER.fetches() - before).isLessThanOrEqualTo(2);
        assertThat(api.withKey(ISSUER.sign(ISSUER.good().build()))
                        .get("/api/v1/jobs")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void theRoleOfASessionFollowsTheSettingsOfToday() {
        Identity who = Json.read(
                "{\"subject\":\"user-7\",\"name\":\"Ada\",\"projects\":[\"tokens\"],\"roles\":[\"staff\",\"ml-team\"]}",
                Identity.class);

        assertThat(caller(who, Map.of("ml-team", Role.editor)).caller().role()).isEqualTo(Role.editor);
        assertThat(caller(who, Map.of("ml-team", Role.viewer)).caller().role()).isEqualTo(Role.viewer);
        assertThat(caller(who, Map.of("others", Role.editor)).refusal().code()).isEqualTo("no_role");
        Identity earlier = Json.read(
                "{\"subject\":\"user-7\",\"name\":\"Ada\",\"projects\":[\"tokens\"],\"role\":\"editor\"}",
                Identity.class);
        assertThat(caller(earlier, Map.of()).refusal().code()).isEqualTo("no_role");
    }

    private AuthenticationResult caller(Identity who, Map<String, Role> roles) {
        OidcSettings settings =
                new OidcSettings(ISSUER.url(), "anneal", "anneal_project", "anneal_role", roles, "", "", "openid");
        return new Tokens(settings, projects, new TomcatServerProperties()).caller(who, "tokens", null);
    }

    @Test
    void keysStillWorkBesideTokens() {
        assertThat(api.get("/api/v1/jobs").status()).isEqualTo(200);
    }

    @Test
    void anInvalidTokenIsRefusedWithTheReason() {
        JWTClaimsSet good = ISSUER.good().build();
        Date past = new Date(System.currentTimeMillis() - 120_000);
        Date future = new Date(System.currentTimeMillis() + 300_000);

        refused(
                401,
                "token_expired",
                ISSUER.sign(ISSUER.good().expirationTime(past).build()));
        refused(
                401,
                "token_expired",
                ISSUER.sign(ISSUER.good().expirationTime(null).build()));
        refused(
                401,
                "token_not_yet_valid",
                ISSUER.sign(ISSUER.good().notBeforeTime(future).build()));
        refused(
                401,
                "wrong_issuer",
                ISSUER.sign(ISSUER.good().issuer("https://elsewhere").build()));
        refused(
                401,
                "wrong_audience",
                ISSUER.sign(ISSUER.good().audience("mail").build()));
        refused(401, "invalid_token", Issuer.unsigned(good));
        refused(401, "invalid_token", Issuer.sign(good, Issuer.newKey("another")));
        refused(401, "invalid_token", Issuer.sign(good, Issuer.newKey("one")));
        String signed = ISSUER.sign(good);
        String other = ISSUER.sign(ISSUER.good().claim("anneal_role", "admin").build());
        refused(
                401,
                "invalid_token",
                other.substring(0, other.lastIndexOf('.')) + signed.substring(signed.lastIndexOf('.')));
        refused(401, "invalid_token", "a.b.c");
        refused(401, "invalid_token", "..");
    }

    @Test
    void nobodyPassesForAKey() {
        refused(
                401,
                "invalid_token",
                ISSUER.sign(ISSUER.good()
                        .subject(api.post("/api/v1/keys", "{\"name\":\"k\",\"role\":\"viewer\",\"project\":\"tokens\"}")
                                .text("id"))
                        .build()));
    }

    @Test
    void noNameKeepsSomebodyOutOfTheAuditLog() {
        String strange = "A\0" + "a".repeat(5_000);
        String token = ISSUER.sign(ISSUER.good()
                .subject("strange")
                .claim("preferred_username", strange)
                .build());
        api.withKey(token).delete("/api/v1/datasets/ds_none");

        var logged = api.get("/api/v1/audit?actor=strange").json().get("data");
        assertThat(logged).hasSize(1);
        assertThat(logged.get(0).get("actor_name").asString()).startsWith("Aaa").hasSize(200);
    }

    @Test
    void aTokenWithoutProjectOrRoleIsForbiddenEverything() {
        refused(
                403,
                "no_project",
                ISSUER.sign(ISSUER.good().claim("anneal_project", null).build()));
        refused(
                403,
                "no_role",
                ISSUER.sign(ISSUER.good().claim("anneal_role", null).build()));
        refused(
                403,
                "no_role",
                ISSUER.sign(ISSUER.good().claim("anneal_role", "server_admin").build()));
        refused(
                404,
                "not_found",
                ISSUER.sign(ISSUER.good().claim("anneal_project", "nowhere").build()));
    }

    @Test
    void aTokenIsNeverTheServersAdmin() {
        String admin = ISSUER.sign(ISSUER.good().claim("anneal_role", "admin").build());

        assertThat(api.withKey(admin)
                        .post("/api/v1/projects", "{\"id\":\"mine\"}")
                        .status())
                .isEqualTo(403);
        assertThat(api.withKey(admin).get("/api/v1/projects").json().get("data"))
                .hasSize(1);
        assertThat(api.withKey(admin).in("default").get("/api/v1/jobs").status())
                .isEqualTo(404);
    }

    @Test
    void whoBelongsToSeveralProjectsChoosesOne() {
        String token = ISSUER.sign(ISSUER.good()
                .claim("anneal_project", List.of("tokens", "default"))
                .build());

        refused(403, "no_project", token);
        assertThat(api.withKey(token).in("tokens").get("/api/v1/jobs").status()).isEqualTo(200);
        assertThat(api.withKey(token).in("red").get("/api/v1/jobs").status()).isEqualTo(404);
    }

    private void refused(int status, String code, String token) {
        Answer answer = api.withKey(token).get("/api/v1/jobs");
        assertThat(answer.code()).as("%s", answer.json()).isEqualTo(code);
        assertThat(answer.status()).isEqualTo(status);
    }
}
