package dev.anneal.outbound;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/**
 * Whether an address is one of the public internet: no private, loopback, link-local, shared, documentation, multicast or
 * reserved one, none that answers for a cloud's machine, and none that has such a one inside (RFC 6890 and its registries).
 */
final class PublicAddress {
    private static final List<Network> NOT_PUBLIC_4 = networks(
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10", // carrier-grade NAT
            "127.0.0.0/8",
            "169.254.0.0/16", // link-local, and the metadata of most clouds
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "168.63.129.16/32"); // Azure's, reached from its machines only

    /** Of IPv6 only this block is given out; within it these are special: Teredo and its kind, documentation, 6to4. */
    private static final Network GLOBAL_6 = Network.parse("2000::/3");

    private static final List<Network> NOT_PUBLIC_6 = networks("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20");

    /** How a network without IPv4 reaches an IPv4 address, which stands in the last four bytes. */
    private static final Network NAT64 = Network.parse("64:ff9b::/96");

    private PublicAddress() {}

    static boolean test(InetAddress address) {
        if (address instanceof Inet4Address) {
            return NOT_PUBLIC_4.stream().noneMatch(network -> network.contains(address));
        }
        if (NAT64.contains(address)) {
            return test(Network.address(Arrays.copyOfRange(address.getAddress(), 12, 16)));
        }
        return address instanceof Inet6Address
                && GLOBAL_6.contains(address)
                && NOT_PUBLIC_6.stream().noneMatch(network -> network.contains(address));
    }

    private static List<Network> networks(String... blocks) {
        return Arrays.stream(blocks).map(Network::parse).toList();
    }
}
