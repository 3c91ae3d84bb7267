package dev.anneal.role;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** A component that only processes of one role have: {@code api}, {@code worker} or {@code inference}. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Conditional(ForRole.Matches.class)
public @interface ForRole {
    String value();

    /** Compares with the property {@code anneal.roles}. */
    class Matches implements Condition {
        private static final List<String> KNOWN = List.of("api", "worker", "inference");

        @Override
        public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
            List<String> roles = List.of(
                    context.getEnvironment().getRequiredProperty("anneal.roles").split("\\s*,\\s*"));
            if (!KNOWN.containsAll(roles)) {
                throw new IllegalArgumentException("anneal.roles is " + roles + "; roles are " + KNOWN);
            }
            return roles.contains((String)
                    metadata.getAnnotationAttributes(ForRole.class.getName()).get("value"));
        }
    }
}
