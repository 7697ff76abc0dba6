import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';

const clientId = 'inglenook-e2e';

/** An OpenID Connect provider where anybody is Nina who says so, or turns back. */
export async function startProvider() {
	const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
	const codes = new Map();
	const server = createServer(async (request, response) => {
		const url = new URL(request.url, issuer);
		const json = (body, status = 200) => {
			response.writeHead(status, { 'content-type': 'application/json' });
			response.end(JSON.stringify(body));
		};
		switch (url.pathname) {
			case '/.well-known/openid-configuration':
				return json({
					issuer,
					authorization_endpoint: `${issuer}/authorize`,
					token_endpoint: `${issuer}/token`,
					jwks_uri: `${issuer}/keys`,
					response_types_supported: ['code'],
					subject_types_supported: ['public'],
					id_token_signing_alg_values_supported: ['RS256']
				});
			case '/keys':
				return json({
					keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }]
				});
			case '/authorize': {
				const back = (answer) => {
					const to = new URL(url.searchParams.get('redirect_uri'));
					const said = { ...answer, state: url.searchParams.get('state') };
					for (const [name, value] of Object.entries(said)) to.searchParams.set(name, value);
					return to.href.replaceAll('&', '&amp;');
				};
				const code = randomUUID();
				codes.set(code, url.searchParams);
				response.writeHead(200, { 'content-type': 'text/html' });
				const [yes, no] = [back({ code }), back({ error: 'access_denied' })];
				return response.end(`<a href="${yes}">I am Nina</a> <a href="${no}">Turn back</a>`);
			}
			case '/token': {
				let body = '';
				for await (const part of request) body += part;
				const form = new URLSearchParams(body);
				const asked = codes.get(form.get('code'));
				codes.delete(form.get('code'));
				const challenge = createHash('sha256')
					.update(form.get('code_verifier') ?? '')
					.digest('base64url');
				if (challenge !== asked?.get('code_challenge')) return json({ error: 'invalid_grant' }, 400);
				const now = Math.floor(Date.now() / 1000);
				const claims = {
					iss: issuer,
					sub: 'nina',
					aud: clientId,
					iat: now,
					exp: now + 300,
					name: 'Nina Berg'
				};
				const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
				const statement = `${part({ alg: 'RS256', kid: 'k' })}.${part({ ...claims, nonce: asked.get('nonce') })}`;
				const signature = sign('sha256', Buffer.from(statement), privateKey).toString('base64url');
				const id_token = `${statement}.${signature}`;
				return json({ access_token: randomUUID(), token_type: 'Bearer', expires_in: 300, id_token });
			}
			default:
				return json({ error: 'not_found' }, 404);
		}
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const issuer = `http://127.0.0.1:${server.address().port}`;
	return {
		/** What the server's configuration says of it. */
		config: { name: 'club', title: 'Sports club', issuer, clientId, clientSecret: 'e2e' },
		stop() {
			server.closeAllConnections();
			server.close();
		}
	};
}
