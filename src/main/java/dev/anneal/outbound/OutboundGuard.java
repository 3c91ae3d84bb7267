package dev.anneal.outbound;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.security.util.matcher.InetAddressMatcher;
import org.springframework.stereotype.Component;

/**
 * Resolves the hosts of outgoing calls within a limited time, and refuses those with an address that is neither public nor
 * allowed. The client connects to the addresses that were checked, so a name that changes its address after the check has no
 * effect.
 */
@Component
public class OutboundGuard implements DnsResolver {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int MAX_LOOKUPS = 64;
    private static final int MAX_LOOKUPS_OF_PROJECT = 4;

    private final NameLookups names;
    private final List<String> hosts;
    private final List<InetAddressMatcher> blocks;

    @Autowired
    OutboundGuard(OutboundSettings settings) {
        this(settings, SystemDefaultDnsResolver.INSTANCE, PATIENCE);
    }

    OutboundGuard(OutboundSettings settings, DnsResolver names, Duration patience) {
        this(
                new NameLookups(names, patience, MAX_LOOKUPS, MAX_LOOKUPS_OF_PROJECT),
                settings.hosts(),
                settings.blocks());
    }

    private OutboundGuard(NameLookups names, List<String> hosts, List<InetAddressMatcher> blocks) {
        this.names = names;
        this.hosts = hosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
        this.blocks = blocks;
    }

    /**
     * Returns a guard that also allows the host of a URL in the settings, for the client of that server alone: what users name is
     * checked by the guard without it.
     */
    public OutboundGuard with(URI server) {
        OutboundSettings own = new OutboundSettings(List.of(host(server)));
        return new OutboundGuard(names, joined(hosts, own.hosts()), joined(blocks, own.blocks()));
    }

    private static <T> List<T> joined(List<T> some, List<T> more) {
        return Stream.concat(some.stream(), more.stream()).toList();
    }

    private static String host(URI uri) {
        return uri.getHost().replaceAll("^\\[|]$", "");
    }

    /** Returns whether the URI may be called at all: http or https, with a host, without a user name. */
    public static boolean isWeb(URI uri) {
        return ("http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme()))
                && uri.getHost() != null
                && uri.getPort() <= 65_535
                && uri.getRawUserInfo() == null;
    }

    /**
     * Checks a URI for a project. Throws {@link AddressRefused}, {@link TooManyLookups} if the project waits for too many names, or
     * another {@link UnknownHostException} if the host is not found soon.
     */
    public void check(URI uri, String project) throws UnknownHostException {
        checked(host(uri), names.resolve(host(uri), project));
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        return checked(host, names.resolve(host));
    }

    private InetAddress[] checked(String host, InetAddress[] addresses) throws UnknownHostException {
        if (addresses.length == 0) {
            throw new UnknownHostException(host);
        }
        if (!isAllowed(host)) {
            for (InetAddress address : addresses) {
                if (!PublicAddress.test(address) && blocks.stream().noneMatch(block -> block.matches(address))) {
                    throw new AddressRefused(host);
                }
            }
        }
        return addresses;
    }

    /** Returns whether the settings name the host of the URI, or its address. */
    public boolean isListed(URI uri) {
        String host = host(uri);
        try {
            return isAllowed(host)
                    || Arrays.stream(names.resolve(host))
                            .allMatch(address -> blocks.stream().anyMatch(block -> block.matches(address)));
        } catch (UnknownHostException unknown) {
            return false;
        }
    }

    private boolean isAllowed(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return hosts.stream()
                .anyMatch(allowed ->
                        allowed.startsWith("*.") ? name.endsWith(allowed.substring(1)) : name.equals(allowed));
    }

    @Override
    public String resolveCanonicalHostname(String host) {
        return host;
    }
}
