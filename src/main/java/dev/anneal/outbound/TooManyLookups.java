package dev.anneal.outbound;

import java.net.UnknownHostException;

/** Thrown when a name is not looked up because name servers are slow to answer for many others. A retry may succeed. */
public final class TooManyLookups extends UnknownHostException {
    TooManyLookups() {
        super("too many names are being looked up");
    }
}
