import { createHash } from 'node:crypto';
import type { ProxyOptions } from 'vite';

/**
 * Passes /api on to another server, for work on the page: to that server its own page seems to ask, to the page its
 * own server seems to answer. The server has to allow it (inglenookd serve --allow-dev).
 */
export function passOn(address: string): ProxyOptions {
	const remote = new URL(address);
	// Each remote has names of its own here: the next one must not be sent what the last one gave.
	const local = `dev-${createHash('sha256').update(remote.origin).digest('hex').slice(0, 8)}-`;
	return {
		target: remote.origin,
		changeOrigin: true, // Host
		configure(proxy) {
			proxy.on('proxyReq', (request) => {
				request.setHeader('Inglenook-Dev', '1');
				if (request.hasHeader('origin')) request.setHeader('Origin', remote.origin);
				request.removeHeader('referer');
				const cookies = sent(request.getHeader('cookie'), local);
				if (cookies) request.setHeader('Cookie', cookies);
				else request.removeHeader('cookie');
			});
			proxy.on('proxyRes', (response) => {
				const given = response.headers['set-cookie'];
				if (given) response.headers['set-cookie'] = given.map((cookie) => received(cookie, local));
			});
		}
	};
}

/** The cookie that the page itself reads keeps its name; there is nothing secret in it. */
const mark = 'inglenook-known=';

/** A cookie of the remote as localhost can have it: without TLS there is neither __Host- nor Secure. */
function received(cookie: string, local: string): string {
	if (cookie.startsWith(mark)) return cookie.replace(/; *Secure/i, '');
	return local + cookie.replace(/^__Host-/, 'host-').replace(/; *Secure/i, '');
}

/** What of the browser's cookies is the remote's, by the names it knows. Localhost has those of other programs too. */
function sent(cookies: unknown, local: string): string {
	return String(cookies ?? '')
		.split(/; */)
		.filter((cookie) => cookie.startsWith(local) || cookie.startsWith(mark))
		.map((cookie) =>
			cookie.startsWith(mark) ? cookie : cookie.slice(local.length).replace(/^host-/, '__Host-')
		)
		.join('; ');
}
