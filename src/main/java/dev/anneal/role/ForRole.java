package dev.anneal.role;

import dev.anneal.settings.InvalidSettingException;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Marks a component that exists only in processes with a role: {@code api}, {@code worker} or {@code inference}. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Conditional(ForRole.Matches.class)
public @interface ForRole {
    String value();

    /** Matches if the property {@code anneal.roles} contains the role. */
    class Matches implements Condition {
        private static final List<String> KNOWN = List.of("api", "worker", "inference");

        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            List<String> roles = List.of(
                    context.getEnvironment().getRequiredProperty("anneal.roles").split("\\s*,\\s*"));
            if (!KNOWN.containsAll(roles)) {
                throw new InvalidSettingException(
                        "anneal.roles", String.join(",", roles), "one or more of api,worker,inference");
            }
            return roles.contains(metadata.getAnnotations().get(ForRole.class).getString("value"));
        }
    }
}
