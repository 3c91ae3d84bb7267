package dev.anneal.testing;

import dev.anneal.Server;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.test.context.TestExecutionListeners;
import org.springframework.test.context.TestExecutionListeners.MergeMode;

/**
 * A test against a whole server on its own port, with a real Postgres. Classes with the same settings share a server; each begins
 * without rows of the others.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@SpringBootTest(classes = Server.class, webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
@ContextConfiguration(initializers = TestServer.class)
@Import({Api.class, TestJobs.class, ReadyModels.class})
@TestExecutionListeners(listeners = FormerRows.class, mergeMode = MergeMode.MERGE_WITH_DEFAULTS)
public @interface ServerTest {}
