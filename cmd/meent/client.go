package main

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// behindProxies puts the address of the real client in the place of a trusted proxy's. X-Forwarded-For is read from the right, past the
// proxies that are trusted: what stands left of them could be anybody's invention. From any other peer the header means nothing.
func behindProxies(trusted []netip.Prefix, next http.Handler) http.Handler {
	if len(trusted) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err == nil && within(trusted, peer.Addr()) {
			client := forwardedFor(r, trusted, peer.Addr())
			r = r.Clone(r.Context())
			r.RemoteAddr = netip.AddrPortFrom(client, 0).String()
		}
		next.ServeHTTP(w, r)
	})
}

func forwardedFor(r *http.Request, trusted []netip.Prefix, peer netip.Addr) netip.Addr {
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	client := peer
	for _, hop := range slices.Backward(hops) {
		addr, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			return client
		}
		client = addr.Unmap()
		if !within(trusted, client) {
			return client
		}
	}
	return client
}

func within(prefixes []netip.Prefix, addr netip.Addr) bool {
	addr = addr.Unmap()
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(addr) })
}

const v6Household = 64 // bits: one customer has a whole such network

// clientOf names whom a request counts for: an IPv4 address, or the network of an IPv6 one.
func clientOf(r *http.Request) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	addr := peer.Addr().Unmap()
	if addr.Is4() {
		return addr.String()
	}
	household, err := addr.WithZone("").Prefix(v6Household)
	if err != nil {
		return addr.String()
	}
	return household.String()
}

// fromHere tells whether a request was made on this machine itself, and not by way of a proxy that runs on it.
func fromHere(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback() && r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == ""
}
