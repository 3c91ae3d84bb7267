package dev.anneal.security.filter;

import dev.anneal.security.OperationPermissions;
import dev.anneal.security.audit.AuditBeforeChangeFilter;
import dev.anneal.security.audit.AuditFilter;
import dev.anneal.security.audit.AuditLog;
import dev.anneal.security.token.Tokens;
import jakarta.servlet.DispatcherType;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.core.userdetails.UsernameNotFoundException;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.authentication.AnonymousAuthenticationFilter;
import org.springframework.security.web.context.SecurityContextHolderFilter;

/**
 * The filters of all requests. Each request is checked against {@link OperationPermissions}; there are no sessions or cookies
 * here: the page has them, and its requests come with a caller.
 */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {
    @Bean
    SecurityFilterChain filters(
            HttpSecurity http, KeyReader keys, Tokens tokens, RateLimitFilter limit, AuditLog audit) {
        AccessRules rules = new AccessRules();
        return http.authorizeHttpRequests(paths -> paths
                        // The end of a stream is a new dispatch of a request that was allowed before.
                        .dispatcherTypeMatchers(DispatcherType.ASYNC, DispatcherType.ERROR)
                        .permitAll()
                        .anyRequest()
                        .access(AccessRules.TABLE))
                .addFilterBefore(new AuditFilter(audit), SecurityContextHolderFilter.class)
                .addFilterBefore(new AuthenticationFilter(keys, tokens), AnonymousAuthenticationFilter.class)
                .addFilterAfter(limit, AuthenticationFilter.class)
                .addFilterAfter(new AuditBeforeChangeFilter(audit), AuthorizationFilter.class)
                .exceptionHandling(
                        refused -> refused.authenticationEntryPoint(rules).accessDeniedHandler(rules))
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .headers(AbstractHttpConfigurer::disable) // SecurityHeaders sets them on every answer
                .csrf(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .build();
    }

    /** Leaves out the measurements of each filter, which cost a tenth of a short call and which nobody reads. */
    @Bean
    SecurityObservationSettings noObservations() {
        return SecurityObservationSettings.noObservations();
    }

    /** Without this bean Boot would create a user and log its password. */
    @Bean
    UserDetailsService noUsers() {
        return name -> {
            throw new UsernameNotFoundException(name);
        };
    }
}
