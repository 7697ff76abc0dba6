// Makes vectors.json with WebCrypto, as a page does: node vectors.mjs > vectors.json
// The thumbprints are made here too, so nothing in the file comes from the Go side.
const { subtle } = globalThis.crypto;
const text = new TextEncoder();
const base64url = (bytes) => Buffer.from(bytes).toString('base64url');
const sha256 = async (s) => base64url(await subtle.digest('SHA-256', text.encode(s)));

const algorithms = [
	{ alg: 'ES256', make: { name: 'ECDSA', namedCurve: 'P-256' }, sign: { name: 'ECDSA', hash: 'SHA-256' } },
	{ alg: 'EdDSA', make: { name: 'Ed25519' }, sign: { name: 'Ed25519' } }
];

const vectors = [];
for (const { alg, make, sign } of algorithms) {
	const pair = await subtle.generateKey(make, false, ['sign', 'verify']);
	const exported = await subtle.exportKey('jwk', pair.publicKey);
	const { crv, kty, x, y } = exported;
	const thumbprint = await sha256(JSON.stringify(y ? { crv, kty, x, y } : { crv, kty, x }));
	for (const value of ['', 'v1.17.3.c2VjcmV0']) {
		for (const register of [false, true]) {
			const header = { typ: 'inglenook-proof', alg, kid: thumbprint };
			if (register) header.jwk = exported; // with ext and key_ops, as exported
			const claims = {
				htm: 'POST',
				path: '/api/auth/refresh',
				aud: 'instance-1',
				nonce: base64url(crypto.getRandomValues(new Uint8Array(32))),
				ath: value && (await sha256(value))
			};
			const signed = [header, claims].map((part) => base64url(text.encode(JSON.stringify(part)))).join('.');
			const signature = await subtle.sign(sign, pair.privateKey, text.encode(signed));
			vectors.push({ alg, jwk: exported, thumbprint, value, register, nonce: claims.nonce, proof: `${signed}.${base64url(signature)}` });
		}
	}
}
console.log(JSON.stringify(vectors, null, '\t'));
